#include "registry/registry.h"

#include "registry/change.h"
#include "registry/impl.h"

namespace patuh::registry {

Registry::Registry(std::shared_ptr<const model::Schema> schema, Options options)
    : impl_(std::make_unique<Impl>(std::move(schema), std::move(options))) {}
Registry::~Registry() = default;
Registry::Registry(Registry&&) noexcept = default;
Registry& Registry::operator=(Registry&&) noexcept = default;

Applied Registry::apply(const model::ChangeEvent& event, base::Instant now) {
  return apply(event, now, seek(event));
}

// What remembers ids comes near while the element is looked for, and the other way round.
Registry::Sought Registry::seek(const model::ChangeEvent& event) {
  State& state = *impl_->state;
  Sources& sources = impl_->ground.sources;
  state.release_leaving();
  const SourceNumber source = sources.number_of(event.source);
  const std::uint64_t id = Sources::id_hash(event.id);
  sources.expect(source, id);
  return {state.store.find(event.kind, event.element_id), source, id};
}

Applied Registry::apply(const model::ChangeEvent& event, base::Instant now, const Sought& sought) {
  State& state = *impl_->state;
  Sources& sources = impl_->ground.sources;
  PATUH_ASSERT(event.kind.value < state.layout.kinds.size());
  state.arena.reset();
  if (sources.seen(sought.source, sought.id)) {
    Applied applied;
    applied.outcome = Outcome::kDuplicate;
    applied.element = sought.place;
    return applied;
  }
  const bool timeless = event.time == base::Instant{};
  Applied applied = Change(state, timeless ? now : event.time, now).apply(event, sought);
  // What was set aside may be driven in again, after a grant, under the same id.
  if (applied.outcome != Outcome::kNotPermitted) sources.remember(sought.source, sought.id);
  return applied;
}

Applied Registry::put(KindId kind, std::string_view id, FieldId field, const expr::Value& value,
                      std::optional<ElementRef> agency, base::Instant now) {
  State& state = *impl_->state;
  state.release_leaving();
  state.arena.reset();
  return Change(state, now, now).put({kind, id, field, value, agency});
}

void Registry::expire(base::Instant now) {
  impl_->state->release_leaving();
  impl_->state->expire(now);
}

std::uint64_t Registry::change_schema(std::shared_ptr<const model::Schema> schema,
                                      Options options) {
  impl_->ground.sources.set_options(std::move(options));
  auto next = std::make_unique<State>(impl_->ground, std::move(schema));
  impl_->state->release_leaving();
  const std::uint64_t dropped = migrate(*impl_->state, *next);
  impl_->state = std::move(next);
  for (std::uint32_t at = 0; at < places(); ++at) touch(ElementRef(at));
  return dropped;
}

bool Registry::recast_schema(std::shared_ptr<const model::Schema> schema, Options options) {
  impl_->state->release_leaving();
  if (!recast(*impl_->state, std::move(schema))) return false;
  impl_->ground.sources.set_options(std::move(options));
  return true;
}

void Registry::reword_schema(std::shared_ptr<const model::Schema> schema, Options options) {
  impl_->ground.sources.set_options(std::move(options));
  Layout layout(std::move(schema));
  PATUH_ASSERT(layout.kinds.size() == impl_->state->layout.kinds.size());
  impl_->state->layout = std::move(layout);
}

}  // namespace patuh::registry

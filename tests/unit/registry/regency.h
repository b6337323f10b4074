// The architecture that the named cases speak of: agencies, applications, services, deployments.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "world.h"

namespace patuh::registry::test {

inline std::shared_ptr<const model::Schema> regency_schema() {
  using model::AttributeType;
  SchemaMaker maker;
  maker.attribute("agency", "code");
  maker.attribute("agency", "whole", Attr(AttributeType::kBool).otherwise(Value::boolean(false)));
  maker.attribute("app", "name", Attr().indexed());
  maker.attribute("app", "status",
                  Attr(AttributeType::kEnum)
                      .values({"plan", "live"})
                      .otherwise(Value::string("plan"))
                      .indexed());
  maker.attribute("app", "users", Attr(AttributeType::kInt).indexed());
  maker.attribute("app", "load", Attr(AttributeType::kNumber).indexed());
  maker.attribute("app", "targets", Attr(AttributeType::kMap));
  maker.attribute("app", "tags", Attr(AttributeType::kList));
  maker.attribute("app", "backup", Attr(AttributeType::kTimestamp).telemetry());
  maker.derived("app", "lower", "self.name.lowerAscii()", Attr().indexed());
  maker.derived("app", "label", "self.lower + '/' + self.id");
  maker.relation("app", "agency", {"agency"}, to_agency());
  maker.relation("app", "next", {"app"});
  maker.relation("app", "services", {"service"}, many());
  maker.attribute("service", "name");
  maker.relation("service", "agency", {"agency"}, to_agency());
  maker.relation("service", "apps", {"app"}, many());
  maker.relation("service", "main", {"app"});
  maker.relation("app", "mains", {"service"}, many());
  maker.attribute("deploy", "env");
  maker.attribute("deploy", "occurrence");
  maker.attribute("deploy", "at", Attr(AttributeType::kTimestamp));
  maker.relation("deploy", "agency", {"agency"}, to_agency());
  maker.relation("deploy", "of", {"app"});
  maker.attribute("note", "heard", Attr(AttributeType::kTimestamp).telemetry());
  maker.relation("note", "about", {}, many());
  maker.relation("note", "agency", {"agency"}, to_agency());
  maker.inverse("app.services", "service.apps");
  maker.inverse("app.mains", "service.main");
  model::Schema& schema = maker.schema();
  const model::Kind& agency = schema.kinds[0];
  model::Roles::Agency role;
  role.kind = agency.id;
  role.code = *agency.field_of("code");
  role.whole = agency.field_of("whole");
  schema.roles.agency = role;
  const model::Kind& deploy = schema.kinds[3];
  model::Roles::Deployment deployment;
  deployment.kind = deploy.id;
  deployment.of = *deploy.field_of("of");
  deployment.environment = *deploy.field_of("env");
  deployment.occurrence = *deploy.field_of("occurrence");
  deployment.at = *deploy.field_of("at");
  deployment.stub_values.emplace_back(*schema.kinds[1].field_of("status"), maker.text("live"));
  schema.roles.deployment = deployment;
  return maker.make();
}

// A registry of the regency, spoken to in short sentences.
class Regency : public ::testing::Test {
 protected:
  explicit Regency(Options options = {}) : registry_(schema_, std::move(options)) {}

  Says upsert(std::string_view source, std::int64_t version, std::string_view subject) const {
    return Says(*schema_, Operation::kUpsert, source, version, subject);
  }
  Says patch(std::string_view source, std::int64_t version, std::string_view subject) const {
    return Says(*schema_, Operation::kPatch, source, version, subject);
  }
  Says remove(std::string_view source, std::int64_t version, std::string_view subject) const {
    return Says(*schema_, Operation::kRemove, source, version, subject);
  }
  Applied apply(const ChangeEvent& event) { return registry_.apply(event, now_); }
  Outcome outcome(const ChangeEvent& event) { return apply(event).outcome; }

  static std::pair<std::string, std::string> split(const std::string& key) {
    return {key.substr(0, key.find('/')), key.substr(key.find('/') + 1)};
  }
  KindId kind(const std::string& name) const { return *schema_->kind_of(name); }
  FieldId field(const std::string& kind_name, const std::string& name) const {
    return *schema_->kind(kind(kind_name)).field_of(name);
  }
  std::optional<ElementRef> find(const std::string& key) const {
    return registry_.find(kind(split(key).first), split(key).second);
  }
  ElementRef ref(const std::string& key) const {
    const auto found = find(key);
    PATUH_ASSERT(found.has_value());
    return *found;
  }
  FieldId field_of(const std::string& key, const std::string& name) const {
    return field(split(key).first, name);
  }
  Value value(const std::string& key, const std::string& name) const {
    return registry_.value(ref(key), field_of(key, name));
  }
  std::string text(const std::string& key, const std::string& name) const {
    return expr::to_text(value(key, name));
  }
  std::string writer(const std::string& key, const std::string& name) const {
    return std::string(registry_.writer_of(ref(key), field_of(key, name)));
  }
  std::string agency(const std::string& key) const {
    const auto owner = registry_.agency_of(ref(key));
    return owner ? registry_.key_of(*owner).text() : "";
  }
  std::vector<std::string> names(const Refs& refs) const {
    std::vector<std::string> out;
    for (const ElementRef each : refs) out.push_back(registry_.key_of(each).text());
    std::ranges::sort(out);
    return out;
  }
  std::vector<std::string> related(const std::string& key, const std::string& relation) const {
    return names(registry_.related(ref(key), field_of(key, relation)));
  }
  std::vector<std::string> referrers(const std::string& key, const std::string& from,
                                     const std::string& relation) const {
    return names(registry_.referrers(ref(key), kind(from), field(from, relation)));
  }
  std::vector<std::string> with(const std::string& name, const Value& wanted) const {
    return names(registry_.with_value(kind("app"), field("app", name), wanted));
  }
  static bool has_key(const Applied& applied, const Key& key) {
    return std::ranges::find(applied.delta.changed, key) != applied.delta.changed.end();
  }

  using Names = std::vector<std::string>;
  std::shared_ptr<const model::Schema> schema_ = regency_schema();
  Registry registry_;
  base::Instant now_ = at_second(5000);
};

}  // namespace patuh::registry::test

#include "html/html.h"

#include <ctemplate/template.h>

#include <list>

#include "base/base.h"

namespace patuh::html {
namespace {

ctemplate::TemplateString native(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

// Kept apart from ctemplate's own dictionaries, which cannot be moved.
struct Dictionary::Impl {
  std::vector<std::pair<std::string, std::string>> values;
  std::vector<std::string> shown;
  std::list<std::pair<std::string, Dictionary>> sections;

  void fill(ctemplate::TemplateDictionary& into) const {
    for (const auto& [name, value] : values) into.SetValue(name, value);
    for (const std::string& section : shown) into.ShowSection(section);
    for (const auto& [name, section] : sections) {
      section.impl_->fill(*into.AddSectionDictionary(name));
    }
  }
};

Dictionary::Dictionary() : impl_(std::make_unique<Impl>()) {}
Dictionary::~Dictionary() = default;
Dictionary::Dictionary(Dictionary&&) noexcept = default;
Dictionary& Dictionary::operator=(Dictionary&&) noexcept = default;

Dictionary& Dictionary::set(std::string_view name, std::string_view value) {
  impl_->values.emplace_back(name, value);
  return *this;
}

Dictionary& Dictionary::add(std::string_view section) {
  return impl_->sections.emplace_back(std::string(section), Dictionary()).second;
}

Dictionary& Dictionary::show(std::string_view section) {
  impl_->shown.emplace_back(section);
  return *this;
}

std::string render(const Template& page, const Dictionary& values) {
  PATUH_ASSERT(page.text.starts_with(kAutoEscape));
  const ctemplate::TemplateString key = native(page.name);
  // Whoever comes second finds it cached; both put the same text.
  ctemplate::StringToTemplateCache(key, native(page.text), ctemplate::DO_NOT_STRIP);
  ctemplate::TemplateDictionary native_values("page");
  values.impl_->fill(native_values);
  std::string out;
  PATUH_ASSERT(ctemplate::ExpandTemplate(std::string(page.name), ctemplate::DO_NOT_STRIP,
                                         &native_values, &out));
  return out;
}

}  // namespace patuh::html

// html: the one door to ctemplate. A template's text and a dictionary in, a page out, escaped by
// context: text, attributes, addresses.
//
// Every template begins with kAutoEscape; one that does not is our own bug (asserted), so no page
// can forget it. The language of templates is ctemplate's: {{NAME}}, and {{#SECTION}}…{{/SECTION}},
// hidden unless it is shown. There is no section for "when that one is hidden": a template with a
// fault is asserted out, so the page has a section of its own for it.
//
//   html::Dictionary page;
//   page.set("TITLE", name);
//   page.add("ROW").set("CELL", value);
//   std::string text = html::render(kTemplate, page);
//
// Threads: render() from any thread; a Dictionary belongs to one.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace patuh::html {

inline constexpr std::string_view kAutoEscape = "{{%AUTOESCAPE context=\"HTML\"}}";

// A template with the name it is cached under; both live as long as the program.
struct Template {
  std::string_view name;
  std::string_view text;
};

class Dictionary {
 public:
  Dictionary();
  ~Dictionary();
  Dictionary(Dictionary&&) noexcept;
  Dictionary& operator=(Dictionary&&) noexcept;

  Dictionary& set(std::string_view name, std::string_view value);
  // Shows a section once more, with values of its own; outer values are seen inside.
  Dictionary& add(std::string_view section);
  // Shows a section without values of its own.
  Dictionary& show(std::string_view section);

 private:
  friend std::string render(const Template&, const Dictionary&);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

std::string render(const Template& page, const Dictionary& values);

}  // namespace patuh::html

#include "html/html.h"

#include <gtest/gtest.h>

#include <list>

namespace patuh::html {
namespace {

// A page whose body is `body`, with VALUE set.
std::string page(std::string_view name, std::string_view body, std::string_view value) {
  static std::list<std::string> texts;  // templates live as long as the program
  const std::string& text = texts.emplace_back(std::string(kAutoEscape) + std::string(body));
  Dictionary values;
  values.set("VALUE", value);
  return render({name, text}, values);
}

TEST(Html, EscapesText) {
  EXPECT_EQ(page("text", "<p>{{VALUE}}</p>", "<script>alert('1')</script> & \"x\""),
            "<p>&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;x&quot;</p>");
}

TEST(Html, AnAttributeCannotBeLeft) {
  const std::string out =
      page("attribute", "<p title=\"{{VALUE}}\">x</p>", "\" onmouseover=\"alert(1)");
  EXPECT_EQ(out.find("\" onmouseover"), std::string::npos) << out;
  EXPECT_TRUE(out.starts_with("<p title=\"&quot; ")) << out;
}

TEST(Html, AnAddressThatIsAScriptBecomesNone) {
  EXPECT_EQ(page("script-address", "<a href=\"{{VALUE}}\">x</a>", "javascript:alert(1)"),
            "<a href=\"#\">x</a>");
  EXPECT_EQ(page("address", "<a href=\"{{VALUE}}\">x</a>", "/elements/app/x?lang=en"),
            "<a href=\"/elements/app/x?lang=en\">x</a>");
}

TEST(Html, ATextInsideAScriptStaysAText) {
  const std::string out =
      page("script", "<script>var x = '{{VALUE}}';</script>", "'; alert(1); '</script>");
  EXPECT_EQ(out.find("';"), out.rfind("';")) << out;
  EXPECT_EQ(out.find("</script>"), out.rfind("</script>")) << out;
}

TEST(Html, SectionsRepeatAndSeeOuterValues) {
  static constexpr std::string_view kText =
      "{{%AUTOESCAPE context=\"HTML\"}}{{#ROW}}[{{TITLE}} {{CELL}}]{{/ROW}}{{#NONE}}x{{/NONE}}"
      "{{#SHOWN}}!{{/SHOWN}}";
  Dictionary values;
  values.set("TITLE", "<t>").show("SHOWN");
  values.add("ROW").set("CELL", "1");
  values.add("ROW").set("CELL", "&");
  EXPECT_EQ(render({"sections", kText}, values), "[&lt;t&gt; 1][&lt;t&gt; &amp;]!");
}

TEST(Html, WhiteSpaceStays) {
  EXPECT_EQ(page("white", "<pre>\n  {{VALUE}}\n</pre>\n", "x"), "<pre>\n  x\n</pre>\n");
}

TEST(HtmlDeath, ATemplateWithAFaultIsRefused) {
  EXPECT_DEATH(page("fault", "{{^NONE}}x{{/NONE}}", ""), "ExpandTemplate");
}

TEST(HtmlDeath, ATemplateThatDoesNotSayHowToEscapeIsRefused) {
  Dictionary values;
  values.set("VALUE", "<b>");
  EXPECT_DEATH(render({"bare", "<p>{{VALUE}}</p>"}, values), "kAutoEscape");
  EXPECT_DEATH(render({"late", "<p>{{%AUTOESCAPE context=\"HTML\"}}{{VALUE}}</p>"}, values),
               "kAutoEscape");
}

}  // namespace
}  // namespace patuh::html

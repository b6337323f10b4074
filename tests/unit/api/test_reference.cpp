// docs/api.md names every route and parameter that the server has, and no other.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "api/handlers.h"

namespace patuh::api {
namespace {

std::string reference() {
  std::ifstream stream(PATUH_SOURCE_DIR "/docs/api.md");
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

// "GET /api/v1/elements/{kind}/{id}"
std::string name_of(const Route& route) {
  std::string path = route.pattern;
  if (const std::size_t dots = path.find("...}"); dots != std::string::npos) path.erase(dots, 3);
  return route.method + " " + path;
}

class Reference : public ::testing::Test {
 protected:
  Reference() { add_handlers(router_, options_, services_); }

  const Route* route_of(const std::string& method, const std::string& path) const {
    Request request;
    request.path = path;
    const std::string pattern = router_.pattern_of(request);
    const auto at = std::ranges::find_if(router_.routes(), [&](const Route& route) {
      return route.pattern == pattern && route.method == method;
    });
    return at == router_.routes().end() ? nullptr : &*at;
  }

  Options options_;
  Services services_;
  Router router_;
};

template <class Visit>
void for_each_match(const std::string& text, const std::regex& pattern, Visit visit) {
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) visit(*at);
}

TEST_F(Reference, NamesTheRoutesThatAreThere) {
  std::set<std::string> there, named;
  for (const Route& route : router_.routes()) there.insert(name_of(route));
  const std::regex route(R"re(`((?:GET|POST) /[^`?\s]*)[^`]*`)re");
  for_each_match(reference(), route, [&](const std::smatch& m) { named.insert(m[1]); });
  EXPECT_EQ(named, there);
}

// By the section of the second level in which the route stands; `at` has one of its own.
TEST_F(Reference, NamesTheParametersThatARouteTakes) {
  std::size_t looked_at = 0;
  for (const Route& route : router_.routes()) {
    const std::string text = reference();
    const std::size_t place = text.find("`" + name_of(route));
    ASSERT_NE(place, std::string::npos) << name_of(route);
    const std::size_t begin = std::min(text.rfind("\n## ", place), place);
    const std::string section = text.substr(begin, text.find("\n## ", place) - begin);
    for (const std::string& name : route.query.value_or(std::vector<std::string>())) {
      ++looked_at;
      const bool told = section.contains("`" + name + "`") || section.contains(name + "=") ||
                        (name == "at" && text.contains("\n## `at=RFC3339`"));
      EXPECT_TRUE(told) << name_of(route) << " takes " << name;
    }
  }
  EXPECT_GT(looked_at, 20U);
}

TEST_F(Reference, ShowsRequestsThatAreTaken) {
  const std::regex request(
      R"re((-X POST |--data-binary [^\n]*)?['`]?http://127\.0\.0\.1:8466(/[^\s'"`?]*)(?:\?([^\s'"`]*))?)re");
  std::size_t shown = 0;
  for_each_match(reference(), request, [&](const std::smatch& m) {
    const std::string method = m[1].matched ? "POST" : "GET";
    const Route* const route = route_of(method, m[2]);
    ASSERT_NE(route, nullptr) << m[0];
    ++shown;
    if (!route->query) return;
    const auto query = parse_query(m[3].str());
    ASSERT_TRUE(query) << m[0];
    for (const auto& [name, value] : *query) {
      EXPECT_TRUE(std::ranges::find(*route->query, name) != route->query->end()) << m[0];
    }
  });
  EXPECT_GT(shown, 20U);
}

}  // namespace
}  // namespace patuh::api

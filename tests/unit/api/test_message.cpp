#include <gtest/gtest.h>

#include "api/message.h"
#include "api/router.h"

namespace patuh::api {
namespace {

Response ask(const Router& router, const std::string& method, const std::string& path) {
  Request request;
  request.method = method;
  request.path = path;
  return router.answer(request);
}

TEST(ApiMessage, DecodesPercentSignsAndRefusesWhatIsNone) {
  EXPECT_EQ(percent_decoded("a%2Fb%20%C3%A9"), "a/b é");
  for (const char* wrong : {"%", "%2", "%zz", "%ff"}) EXPECT_FALSE(percent_decoded(wrong)) << wrong;
  EXPECT_EQ(percent_decoded(percent_encoded("//x/é?#&")), "//x/é?#&");
}

TEST(ApiMessage, ReadsAQueryAndKeepsTheFirstOfAName) {
  const auto query = parse_query("a=1&b=x+y%26z&a=2&=3&c").value();
  EXPECT_EQ(query.at("a"), "1");
  EXPECT_EQ(query.at("b"), "x y&z");
  EXPECT_EQ(query.at("c"), "");
  EXPECT_EQ(query.size(), 3u);
  for (const char* wrong : {"a=%zz", "a=1&b=%ff", "%=1", "a=%2"}) {
    EXPECT_FALSE(parse_query(wrong)) << wrong;
  }
}

TEST(ApiRouter, TakesIdsWithSlashesInTheLastPart) {
  Router router;
  router.add("GET", "/e/{kind}/{id...}", "s", [](const Request&, const Parts& parts) {
    Response out;
    out.body = parts[0] + "|" + parts[1];
    return out;
  });
  EXPECT_EQ(ask(router, "GET", "/e/app/a%2Fb/c").body, "app|a/b/c");
  EXPECT_EQ(ask(router, "HEAD", "/e/app/x").status, 200);
  EXPECT_EQ(ask(router, "GET", "/e/app").status, 404);
  EXPECT_EQ(ask(router, "GET", "/e/app/%zz").status, 400);
  EXPECT_EQ(ask(router, "POST", "/e/app/x").status, 405);
  EXPECT_EQ(ask(router, "POST", "/e/app/x").headers.at(0).second, "GET");
}

TEST(ApiMessage, AProblemIsJsonOfItsOwnType) {
  const Response problem_response = problem(404, "not-found", "No \"x\"", "d");
  EXPECT_EQ(problem_response.content_type, "application/problem+json");
  EXPECT_EQ(problem_response.body,
            "{\"type\":\"/problems/not-found\",\"title\":\"No \\\"x\\\"\",\"status\":404,"
            "\"detail\":\"d\"}\n");
}

}  // namespace
}  // namespace patuh::api

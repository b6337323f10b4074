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

TEST(ApiRouter, RefusesParametersThatARouteDoesNotTake) {
  Router router;
  const auto done = [](const Request&, const Parts&) { return Response(); };
  router.add("GET", "/some", "Some", done, Query({"agency", "limit"}));
  router.add("GET", "/none", "None", done, Query(std::in_place));
  router.add("GET", "/page", "", done);
  const auto answer = [&](const char* path, const char* query) {
    Request request;
    request.method = "GET";
    request.path = path;
    request.query = parse_query(query).value();
    return router.answer(request);
  };
  EXPECT_EQ(answer("/some", "agency=d&limit=1").status, 200);
  EXPECT_EQ(answer("/page", "whatever=1").status, 200);
  EXPECT_EQ(answer("/none", "").status, 200);
  EXPECT_EQ(answer("/none", "a=1").status, 400);
  const Response wrong = answer("/some", "agncy=d");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_NE(wrong.body.find("there is no parameter agncy here; did you mean agency?"),
            std::string::npos)
      << wrong.body;
  EXPECT_NE(answer("/some", "zzzzzzzz=d").body.find("here; known are agency, limit"),
            std::string::npos);
}

TEST(ApiMessage, DecodesPercentSignsAndRefusesWhatIsNone) {
  EXPECT_EQ(percent_decoded("a%2Fb%20%C3%A9"), "a/b é");
  for (const char* wrong : {"%", "%2", "%zz", "%ff"}) EXPECT_FALSE(percent_decoded(wrong)) << wrong;
  EXPECT_EQ(percent_decoded(base::percent_encoded("//x/é?#&")), "//x/é?#&");
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

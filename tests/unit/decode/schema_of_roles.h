// A schema with attributes of every type and the roles that events go through, for tests of decode.
#pragma once

#include <string_view>

namespace patuh::decode {

inline constexpr std::string_view kSchema = R"toml(
[pack]
id = "t"
version = "1"
time_zone = "Asia/Jakarta"
title.id = "t"
[kinds.agency]
title.id = "a"
[kinds.agency.attributes]
code = { type = "string" }
[kinds.app]
title.id = "a"
[kinds.app.attributes]
name = { type = "string" }
users = { type = "int" }
share = { type = "number" }
public = { type = "bool" }
begun = { type = "date" }
ends = { type = "deadline" }
saved = { type = "timestamp" }
level = { type = "enum", values = ["a", "b"], closed = true }
status = { type = "enum", values = ["plan", "live"] }
short = { type = "string", max = 4 }
brief = { type = "text", max = 4 }
grade = { type = "int", min = 1, max = 5 }
part = { type = "number", min = 0 }
docs = { type = "list", of = "string", max = 2 }
goals = { type = "map", of = "int" }
free = { type = "any" }
loud = { type = "string", derive = "self.name" }
[kinds.app.relations]
owner = { to = "agency", agency = true }
uses = { to = "app", many = true, max = 2 }
about = { to = "*", many = true }
[kinds.deploy]
title.id = "d"
[kinds.deploy.attributes]
env = { type = "string" }
number = { type = "string", max = 12 }
done = { type = "timestamp" }
what = { type = "string", max = 40 }
[kinds.deploy.relations]
of = { to = "app" }
[kinds.source]
title.id = "s"
[kinds.source.attributes]
heard = { type = "timestamp", telemetry = true }
[kinds.waiver]
title.id = "w"
[kinds.waiver.attributes]
rule = { type = "string" }
from = { type = "timestamp" }
until = { type = "timestamp" }
status = { type = "enum", values = ["given", "over"] }
condition = { type = "string" }
[kinds.waiver.relations]
of = { to = "app" }
[roles.waiver]
kind = "waiver"
about = "of"
rule = "rule"
from = "from"
until = "until"
status = "status"
condition = "condition"
granted = "given"
revoked = "over"
[roles.agency]
kind = "agency"
code = "code"
[roles.deployment]
kind = "deploy"
of = "of"
environment = "env"
occurrence = "number"
at = "done"
artifact = "what"
environments = { production = "prod" }
[roles.source]
kind = "source"
last_heard = "heard"
)toml";

}  // namespace patuh::decode

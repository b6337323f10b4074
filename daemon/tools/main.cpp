// patuhctl: what people and scripts do with Patuh from a shell.
#include <CLI/CLI.hpp>

#include "tools/commands.h"

namespace {

namespace tools = patuh::tools;

// What the command line said; filled while it is parsed.
struct Said {
  tools::Place place;
  std::vector<std::string> layers;
  tools::Format format = tools::Format::kTable;
  tools::SampleOptions sample;
  tools::ReportOptions report;
  tools::PublishOptions publish;
  tools::ExpressionOptions expression;
  tools::SinceOptions since;
  tools::ExplainOptions explain;
  tools::LogOptions log;
  tools::Reading reading;
  std::string agency, domain, severity, state, cursor;
  std::string page;  // how many items
  std::vector<std::string> events;
  std::string what, by;
  std::string file, clock, rule, element, reason, head, at;
  std::uint64_t id = 0;
  std::vector<std::uint64_t> ids;
  std::size_t limit = 1000;
  bool heal = false;
  std::int64_t every_ms = 0;
};

using Action = std::function<int()>;

void add_format(CLI::App* command, Said& said) {
  command
      ->add_option_function<std::string>(
          "--format",
          [&said](const std::string& name) {
            said.format = name == "json"  ? tools::Format::kJson
                          : name == "csv" ? tools::Format::kCsv
                                          : tools::Format::kTable;
          },
          "What it prints (else a table)")
      ->check(CLI::IsMember({"table", "json", "csv"}));
}

// What silences alerts or takes something away is done by somebody, for a reason.
void add_reason(CLI::App* command, Said& said) {
  command->add_option("--reason", said.reason, "Why; stands in the log")
      ->required()
      ->check([](const std::string& words) {
        const bool says = words.find_first_not_of(" \t\r\n") != std::string::npos;
        return says ? std::string() : "--reason: say why";
      });
}

CLI::App* add(CLI::App& under, const std::string& name, const std::string& what, Action& chosen,
              Action action) {
  CLI::App* const command = under.add_subcommand(name, what);
  command->fallthrough();
  command->callback([&chosen, action = std::move(action)] { chosen = action; });
  return command;
}

void add_rules(CLI::App& app, Said& said, Action& chosen) {
  CLI::App* const rules = app.add_subcommand("rules", "Look at rule packs and test them");
  rules->require_subcommand(1);
  const auto with_layers = [&](CLI::App* command) {
    command->add_option("PACK", said.layers, "Folder of the pack, then of the site's layers")
        ->required();
    return command;
  };
  CLI::App* const show = add(*rules, "show", "One rule, and where each value comes from", chosen,
                             [&] { return tools::rules_show(said.layers, said.rule); });
  show->add_option("RULE", said.rule, "The rule's id")->required();
  with_layers(show);
  with_layers(add(*rules, "check", "Load a pack and report every fault", chosen,
                  [&] { return tools::rules_check(said.layers); }));
  with_layers(add(*rules, "test", "Run the pack's tests", chosen,
                  [&] { return tools::rules_test(said.layers); }));
  CLI::App* const list = with_layers(add(*rules, "list", "All rules of a pack", chosen, [&] {
    return tools::rules_list(said.layers, said.format);
  }));
  add_format(list, said);
}

void add_data(CLI::App& app, Said& said, Action& chosen) {
  CLI::App* const sample = add(
      app, "sample", "Make the history of a sample regency (NDJSON); same arguments, same bytes",
      chosen, [&] { return tools::sample(said.sample); });
  sample->add_option("--seed", said.sample.seed, "Seed")->capture_default_str();
  sample->add_option("--agencies", said.sample.agencies, "Agencies")->capture_default_str();
  sample->add_option("--elements", said.sample.elements, "Elements")->capture_default_str();
  sample->add_option("--months", said.sample.months, "Months of history")->capture_default_str();
  sample->add_option("--until", said.sample.until, "The day after its last one, YYYY-MM-DD")
      ->required();
  sample->add_option("--out", said.sample.out, "Folder to write to")->required();

  CLI::App* const live =
      add(app, "sample-live",
          "Print events that the sample regency sends after its history, timed now", chosen, [&] {
            return tools::sample_live(said.sample, said.limit,
                                      std::chrono::milliseconds(said.every_ms));
          });
  live->add_option("--seed", said.sample.seed, "Seed")->capture_default_str();
  live->add_option("--agencies", said.sample.agencies, "Agencies")->capture_default_str();
  live->add_option("--elements", said.sample.elements, "Elements")->capture_default_str();
  live->add_option("--months", said.sample.months, "Months of history")->capture_default_str();
  live->add_option("--until", said.sample.until, "The history's --until")->required();
  live->add_option("--count", said.limit, "How many")->capture_default_str();
  live->add_option("--every-ms", said.every_ms, "Milliseconds between two")->capture_default_str();

  CLI::App* const deployment =
      add(app, "sample-deployment",
          "Print a deployment of an application that nobody registered, or what heals it", chosen,
          [&] { return tools::sample_deployment(said.sample.seed, said.id, said.heal); });
  deployment->add_option("--seed", said.sample.seed, "Seed")->capture_default_str();
  deployment->add_option("N", said.id, "Which one")->required();
  deployment->add_flag("--heal", said.heal, "The events that mend it");

  CLI::App* const import =
      add(app, "import", "Take a file of events into the data folder, offline", chosen,
          [&] { return tools::import_file(said.place, said.file, said.clock == "event"); });
  import->add_option("FILE", said.file, "NDJSON, one event a line")->required();
  import->add_option("--clock", said.clock, "event: time is what the events say")
      ->check(CLI::IsMember({"event", "wall"}));

  CLI::App* const publish =
      add(app, "publish", "Send a file of events to a Kafka topic, keyed by their source", chosen,
          [&] { return tools::publish(said.publish); });
  publish->add_option("FILE", said.publish.file, "NDJSON, one event a line; - is standard input")
      ->required();
  publish->add_option("--brokers", said.publish.brokers, "host:port, with commas between")
      ->required();
  publish->add_option("--topic", said.publish.topic, "Topic")->capture_default_str();
  publish->add_option("--partitions", said.publish.partitions,
                      "Make the topic with so many partitions when it is not there");
  publish->add_flag("--keyed", said.publish.keyed,
                    "Each line is a key, a tab and the event (else the key is the event's source)");
  publish->add_option("--property", said.publish.properties, "NAME=VALUE, any librdkafka setting");

  add(*app.add_subcommand("config", "Configuration")->require_subcommand(1), "docs",
      "Every option, its default and meaning", chosen, [] { return tools::config_docs(); });
}

void add_expression(CLI::App& app, Said& said, Action& chosen) {
  CLI::App* const command =
      add(app, "expr",
          "Evaluate one expression of the rule language; without one, ask for many.\n"
          "Exit status: 0 a value; 1 it is false; 2 the expression is wrong; 3 it cannot be "
          "decided.\n"
          "  patuhctl expr 'users.filter(u, u.age > 17).size()' --data people.json\n"
          "  patuhctl expr -- '-x < 1'          one that begins with - stands behind --",
          chosen, [&] {
            return said.file.empty() ? tools::expression(said.expression)
                                     : tools::expr_conformance(said.file);
          });
  command->add_option("EXPR", said.expression.text, "As in a rule; docs/expressions.md");
  command->add_option("--data", said.expression.data,
                      "A JSON object whose members are the names; - is standard input");
  command->add_option("--now", said.expression.now, "What now is, as 2026-01-31T08:00:00+07:00");
  command->add_option(
      "--conformance", said.file,
      "Run the cases of a file, a JSON object a line with name, expr, bindings, and "
      "value or error in the form of CEL's conformance suite; - is standard input");
}

void add_url(CLI::App* command, Said& said) {
  command->add_option("--url", said.place.url, "Of the running daemon, as http://127.0.0.1:8466");
}

void add_clock(CLI::App& app, Said& said, Action& chosen) {
  CLI::App* const clock = app.add_subcommand("clock", "The store's clock");
  clock->require_subcommand(1);
  CLI::App* const show = add(*clock, "show", "Where the log's time stands", chosen,
                             [&] { return tools::clock_show(said.place); });
  CLI::App* const wall = add(*clock, "wall", "End event clock for good", chosen,
                             [&] { return tools::clock_wall(said.place, said.reason); });
  CLI::App* const accept =
      add(*clock, "accept", "Take a leap of the wall clock for right: intake goes on", chosen,
          [&] { return tools::clock_accept(said.place, said.reason); });
  for (CLI::App* const command : {show, wall, accept}) add_url(command, said);
  for (CLI::App* const command : {wall, accept}) {
    command->add_option("--reason", said.reason, "Why; stands in the log");
  }
}

void add_baseline(CLI::App& app, Said& said, Action& chosen) {
  CLI::App* const baseline = app.add_subcommand(
      "baseline", "Day one of a neglected estate: what violates by then is inherited");
  baseline->require_subcommand(1);
  CLI::App* const show = add(*baseline, "show", "Which baseline stands, and how much is inherited",
                             chosen, [&] { return tools::baseline_show(said.place); });
  CLI::App* const draw = add(*baseline, "draw",
                             "What violates now is inherited: counted and reported so, without an "
                             "alert, until it is fixed",
                             chosen, [&] { return tools::baseline_draw(said.place, said.reason); });
  CLI::App* const lift =
      add(*baseline, "lift", "Nothing is inherited any more: what is past its grace alerts again",
          chosen, [&] { return tools::baseline_lift(said.place, said.reason); });
  for (CLI::App* const command : {show, draw, lift}) add_url(command, said);
  for (CLI::App* const command : {draw, lift}) add_reason(command, said);
}

void add_span(CLI::App* command, Said& said) {
  const CLI::Range numbers(std::int64_t{0}, INT64_MAX);
  command->add_option("--from", said.log.from, "First record")
      ->capture_default_str()
      ->check(numbers);
  command->add_option("--to", said.log.to, "Last record")->check(numbers);
  command->add_option("--kind", said.log.kind, "Only records of this kind")
      ->check(CLI::IsMember({"events", "time-step", "pack", "operator", "skip"}));
  command->add_option("--since", said.log.since, "Recorded at or after (RFC 3339)");
  command->add_option("--until,--at", said.log.until, "Recorded at or before (RFC 3339)");
}

void add_log(CLI::App& app, Said& said, Action& chosen) {
  CLI::App* const log = app.add_subcommand("log", "The log: records, events, who did what and why");
  log->require_subcommand(1);
  CLI::App* const show =
      add(*log, "show", "Records in order; --kind operator lists what people did", chosen,
          [&] { return tools::log_show(said.place, said.log, said.format); });
  CLI::App* const events =
      add(*log, "events", "Events in order, each with its record and its place there", chosen,
          [&] { return tools::log_events(said.place, said.log, said.format); });
  for (CLI::App* const command : {show, events}) {
    add_span(command, said);
    command->add_option("--limit", said.log.limit, "Records at most")->capture_default_str();
    add_format(command, said);
  }
  CLI::App* const out =
      add(*log, "export", "Every event, a JSON object a line, as `patuhctl import` takes it",
          chosen, [&] {
            said.log.limit = SIZE_MAX;
            return tools::log_export(said.place, said.log, said.what == "transitions");
          });
  add_span(out, said);
  out->add_option("--what", said.what, "events, or transitions: every change of a verdict")
      ->check(CLI::IsMember({"events", "transitions"}));
  CLI::App* const erase =
      add(*log, "erase", "Erase the bodies of events for good; the chain stays whole", chosen,
          [&] { return tools::log_erase(said.place, said.events, said.reason, said.by); });
  erase->add_option("EVENT", said.events, "RECORD/PLACE, as `patuhctl log events` shows them")
      ->required();
  add_reason(erase, said);
  erase->add_option("--principal", said.by, "Who asked for it (else who runs this)");
  add_url(erase, said);
}

// A command that reads, of a running daemon or of the folder, now or as of an instant.
CLI::App* add_reading(CLI::App& under, const std::string& name, const std::string& what, Said& said,
                      Action& chosen, std::function<void(tools::Reading&)> fill) {
  CLI::App* const command = add(under, name, what, chosen, [&said, fill = std::move(fill)] {
    fill(said.reading);
    said.reading.at = said.at;
    return tools::read(said.place, said.reading, said.format);
  });
  command->add_option("--at", said.at, "As of this instant (RFC 3339); else now");
  add_format(command, said);
  add_url(command, said);
  return command;
}

void add_violations(CLI::App& app, Said& said, Action& chosen) {
  CLI::App* const command =
      add_reading(app, "violations", "Open pairs of rule and element, most severe first", said,
                  chosen, [&said](tools::Reading& reading) {
                    reading.path = "/api/v1/violations";
                    reading.list = "items";
                    for (const auto& [name, value] :
                         {std::pair{"agency", &said.agency}, std::pair{"rule", &said.rule},
                          std::pair{"domain", &said.domain}, std::pair{"severity", &said.severity},
                          std::pair{"state", &said.state}, std::pair{"limit", &said.page},
                          std::pair{"cursor", &said.cursor}}) {
                      if (!value->empty()) reading.query[name] = *value;
                    }
                  });
  command->add_option("--agency", said.agency, "Only this agency (its code)");
  command->add_option("--rule", said.rule, "Only this rule");
  command->add_option("--domain", said.domain, "Only this domain");
  command->add_option("--severity", said.severity, "low, medium, high or critical");
  command->add_option("--state", said.state, "violating (else), waived or undetermined");
  command->add_option("--limit", said.page, "How many, 1 to 1000 (100)");
  command->add_option("--cursor", said.cursor, "next_cursor of the page before (--format json)");
}

void add_readings(CLI::App& app, Said& said, Action& chosen) {
  add_reading(app, "summary", "The whole in one look", said, chosen,
              [](tools::Reading& reading) { reading.path = "/api/v1/summary"; });
  add_reading(app, "agencies", "All agencies, who owes most first", said, chosen,
              [](tools::Reading& reading) {
                reading.path = "/api/v1/agencies";
                reading.list = "agencies";
              });
  add_reading(*app.get_subcommand("rules"), "current",
              "The rules in force, with the number of their open violations", said, chosen,
              [](tools::Reading& reading) {
                reading.path = "/api/v1/rules";
                reading.list = "rules";
              });
  add_violations(app, said, chosen);
  CLI::App* const element = add_reading(
      app, "element", "One element with its verdicts", said, chosen,
      [&said](tools::Reading& reading) { reading.path = "/api/v1/elements/" + said.element; });
  element->add_option("ELEMENT", said.element, "kind/id")->required();
  CLI::App* const verdict =
      add_reading(app, "verdict", "One verdict as it was recorded, with its facts", said, chosen,
                  [&said](tools::Reading& reading) {
                    reading.path = "/api/v1/verdicts/" + said.rule + "/" + said.element;
                  });
  verdict->add_option("RULE", said.rule, "The rule's id")->required();
  verdict->add_option("ELEMENT", said.element, "kind/id")->required();
}

void add_history(CLI::App& app, Said& said, Action& chosen) {
  CLI::App* const quarantine = app.add_subcommand("quarantine", "Inputs that were set aside");
  quarantine->require_subcommand(1);
  CLI::App* const list = add(*quarantine, "list", "All of them", chosen, [&] {
    return tools::quarantine_list(said.place, said.reason, said.at, said.format);
  });
  list->add_option("--at", said.at, "Only those set aside up to this instant (RFC 3339)");
  list->add_option("--reason", said.reason, "Only those set aside for this reason");
  add_format(list, said);
  add(*quarantine, "show", "One of them, with its bytes", chosen,
      [&] { return tools::quarantine_show(said.place, said.id); })
      ->add_option("ID", said.id, "Its number in the list")
      ->required();
  CLI::App* const redrive =
      add(*quarantine, "redrive", "Take them once more, as if they came now", chosen,
          [&] { return tools::quarantine_redrive(said.place, said.ids, said.reason); });
  redrive->add_option("ID", said.ids, "Their numbers in the list")->required()->expected(1, 1000);
  redrive->add_option("--reason", said.reason, "Why; stands in the log");
  add_url(redrive, said);

  add_log(app, said, chosen);
  add(app, "state", "Every element and verdict, a JSON object a line, by replaying the log", chosen,
      [&] { return tools::state(said.place, said.at); })
      ->add_option("--at", said.at, "As of this instant (RFC 3339)");

  CLI::App* const since =
      add(app, "since", "What is new, fixed, removed or reopened between two instants, by agency",
          chosen, [&] { return tools::since(said.place, said.since, said.format); });
  since->add_option("--from", said.since.from, "Behind this instant (RFC 3339)")->required();
  since->add_option("--to", said.since.to, "Up to this instant (RFC 3339); else the log's end");
  since->add_option("--agency", said.since.agency, "Only this agency (its code)");
  add_format(since, said);

  CLI::App* const audit = app.add_subcommand("audit", "The hash chain");
  audit->require_subcommand(1);
  add(*audit, "verify", "Compute the chain again and name every injury", chosen, [&] {
    return tools::audit_verify(said.place, said.head);
  })->add_option("--head", said.head, "The head that was noted elsewhere");

  CLI::App* const explain =
      add(app, "explain",
          "Why a verdict is what it is, and the smallest change that would heal it.\n"
          "Exit status: 0 compliant, waived or not applicable; 1 violating; 3 undetermined.",
          chosen, [&] { return tools::explain(said.place, said.explain); });
  explain->add_option("--at", said.explain.at, "As of this instant (RFC 3339), from the folder");
  explain->add_option("--lang", said.explain.lang, "id or en")
      ->capture_default_str()
      ->check(CLI::IsMember({"id", "en"}));
  explain->add_option("RULE", said.explain.rule)->required();
  explain->add_option("ELEMENT", said.explain.element, "kind/id")->required();
  add_url(explain, said);

  CLI::App* const report = app.add_subcommand("report", "Monthly reports");
  report->require_subcommand(1);
  CLI::App* const generate =
      add(*report, "generate", "The report of a month from the stored history", chosen,
          [&] { return tools::report_generate(said.place, said.report); });
  generate->add_option("--month", said.report.month, "YYYY-MM")->required();
  generate->add_option("--agency", said.report.agency, "Only this agency (its code)");
  generate->add_option("--lang", said.report.lang, "id or en")->capture_default_str();
  generate->add_option("--format", said.report.format, "html, json, or both with a comma")
      ->capture_default_str()
      ->check([](const std::string& wanted) {
        const bool known =
            wanted == "html" || wanted == "json" || wanted == "html,json" || wanted == "json,html";
        return known ? std::string() : "html, json or html,json, not " + wanted;
      });
  generate->add_option("--out", said.report.out, "Folder to write to")->capture_default_str();
}

void add_store(CLI::App& app, Said& said, Action& chosen) {
  CLI::App* const store = app.add_subcommand("store", "The data folder's store");
  store->require_subcommand(1);
  add(*store, "check",
      "Look the store over: its file, its chain, its snapshots; also while a daemon runs", chosen,
      [&] { return tools::store_check(said.place); });
  add(*store, "backup",
      "Copy the store as it stands into another folder, and check the copy; also while a daemon "
      "runs",
      chosen, [&] { return tools::store_backup(said.place, said.file); })
      ->add_option("FOLDER", said.file, "A folder that holds no store; it is made")
      ->required();
  add(*store, "restore", "Bring a backup into an empty data folder, and check it", chosen,
      [&] { return tools::store_restore(said.place, said.file); })
      ->add_option("FOLDER", said.file, "The backup")
      ->required();
  add_url(add(*store, "compact",
              "Write the database anew without its gaps: by the running daemon, which lets input\n"
              "wait meanwhile, or with it stopped",
              chosen, [&] { return tools::store_compact(said.place); }),
          said);
}

// CLI11 only misses a command where one was misspelt.
void name_unknown_words(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* const command : app.get_subcommands({})) {
    names.push_back(command->get_name());
  }
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  for (const std::string& word : app.remaining(true)) {
    const std::string_view near = patuh::base::nearest(word, candidates);
    std::fprintf(stderr, "patuhctl: %s is not understood%s%.*s%s\n", tools::printable(word).c_str(),
                 near.empty() ? "" : "; did you mean ", static_cast<int>(near.size()), near.data(),
                 near.empty() ? "" : "?");
  }
}

// What a full disk or a closed file swallowed must not pass for done.
int flushed(int status) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
  std::perror("patuhctl: standard output cannot be written");
  return tools::kAway;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Patuh's tool: rules, sample data, history and reports.\n"
      "Exit status: 0 done; 1 a finding; 2 usage; 3 undetermined; 69 something is away; "
      "78 configuration or pack refused.");
  app.require_subcommand(1);
  Said said;
  Action chosen;
  app.add_option("--data-dir", said.place.data_dir, "The daemon's data folder")
      ->capture_default_str();
  app.add_option("--config", said.place.config_file, "Configuration file");
  app.add_option("--set", said.place.sets, "section.key=value, over the configuration file");
  add_rules(app, said, chosen);
  add_data(app, said, chosen);
  add_expression(app, said, chosen);
  add_clock(app, said, chosen);
  add_baseline(app, said, chosen);
  add_readings(app, said, chosen);
  add_history(app, said, chosen);
  add_store(app, said, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return app.exit(asked);
  } catch (const CLI::ParseError& wrong) {
    name_unknown_words(app);
    app.exit(wrong);
    return tools::kUsage;
  }
  return flushed(chosen());
}

// patuhd: the daemon.
#include <CLI/CLI.hpp>

#include "app/daemon.h"
#include "app/load.h"
#include "app/version.h"

namespace {

namespace app = patuh::app;

int refuse(const patuh::base::Diagnostics& faults) {
  std::cerr << faults.render();
  return app::kRefused;
}

int run(const app::Options& options) {
  auto settings = app::load(options);
  if (!settings) return refuse(settings.error());
  std::cerr << settings->warnings.render();
  if (options.check_only) {
    std::cout << "configuration and rules are in order: " << settings->book->rules.size()
              << " rules\n";
    return app::kDone;
  }
  return app::Daemon(options, std::move(settings->config), std::move(settings->book)).run();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App cli(
      "Patuh's daemon: takes change events, keeps the registry, judges compliance the moment "
      "anything changes.\nExit status: 0 ended in order; 2 usage; 69 the disk, an address or a "
      "service is away; 78 configuration or rules refused.");
  app::Options options;
  cli.add_option("--config", options.config_file, "Configuration file; without it the defaults");
  cli.add_option("--data-dir", options.data_dir, "Folder of log and state")->capture_default_str();
  cli.add_option("--set", options.sets, "section.key=value, over the configuration file");
  cli.add_flag("--check", options.check_only, "Only check configuration and rules");
  cli.set_version_flag("--version", "patuhd " + std::string(app::kVersion));
  try {
    cli.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return cli.exit(asked);
  } catch (const CLI::ParseError& wrong) {
    cli.exit(wrong);
    return app::kUsage;
  }
  return run(options);
}

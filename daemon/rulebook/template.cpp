#include "rulebook/template.h"

#include <algorithm>

#include "rulebook/compile.h"
#include "rulebook/names.h"

namespace patuh::rulebook {
namespace {

// The closing brace of the expression that begins at `at`; npos when there is none.
std::size_t end_of_expression(std::string_view text, std::size_t at) {
  int depth = 0;
  char quote = '\0';
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != '\0') {
      if (c == '\\') ++at;
      if (c == quote) quote = '\0';
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && depth-- == 0) {
      return at;
    }
  }
  return std::string_view::npos;
}

class Splitter {
 public:
  Splitter(const toml::Node& node, toml::Report& report)
      : node_(node), text_(node.string()), report_(report) {}

  std::optional<std::vector<Piece>> split() {
    while (at_ < text_.size()) {
      if (!step()) return std::nullopt;
    }
    end_literal();
    return std::move(pieces_);
  }

 private:
  bool step() {
    const char c = text_[at_];
    const bool twice = at_ + 1 < text_.size() && text_[at_ + 1] == c;
    if ((c == '{' || c == '}') && twice) {
      literal_ += c;
      at_ += 2;
      return true;
    }
    if (c == '}') return refuse("a '}' without its '{'", "write }} for a brace");
    if (c == '{') return expression();
    literal_ += c;
    ++at_;
    return true;
  }

  bool expression() {
    const std::size_t begin = at_ + 1;
    const std::size_t end = end_of_expression(text_, begin);
    if (end == std::string_view::npos)
      return refuse("a '{' without its '}'", "write {{ for a brace");
    if (text_.substr(begin, end - begin).find_first_not_of(" \t\n") == std::string_view::npos) {
      return refuse("no expression stands between the braces", "write {{ for a brace");
    }
    end_literal();
    pieces_.push_back({std::string(text_.substr(begin, end - begin)), true, begin});
    at_ = end + 1;
    return true;
  }

  void end_literal() {
    if (!literal_.empty()) pieces_.push_back({std::exchange(literal_, {}), false, 0});
  }

  bool refuse(std::string message, std::string hint) {
    report_.error(node_.at_offset(at_), "TEMPLATE", std::move(message), std::move(hint));
    return false;
  }

  const toml::Node& node_;
  std::string_view text_;
  toml::Report& report_;
  std::size_t at_ = 0;
  std::string literal_;
  std::vector<Piece> pieces_;
};

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\n") - begin + 1);
}

}  // namespace

std::optional<std::vector<Piece>> split_template(const toml::Node& node, toml::Report& report) {
  return Splitter(node, report).split();
}

Template read_template(const toml::Node& node, const expr::Environment& environment,
                       const Compiler& compiler) {
  Template out;
  const auto pieces = split_template(node, compiler.report());
  if (!pieces) return out;
  for (const Piece& piece : *pieces) {
    if (!piece.expression) {
      out.parts.push_back({piece.text, std::nullopt});
      continue;
    }
    const Written written{&node, piece.offset, piece.text};
    auto program = compiler.compile(environment, written, expr::Type::dyn());
    if (program) out.parts.push_back({"", std::move(program)});
  }
  return out;
}

std::string fill_each(const toml::Node& node, const Each& each, toml::Report& report) {
  std::string out;
  const auto pieces = split_template(node, report);
  if (!pieces) return out;
  for (const Piece& piece : *pieces) {
    if (!piece.expression) {
      out += piece.text;
      continue;
    }
    const std::string_view name = trimmed(piece.text);
    const auto found = std::ranges::find_if(
        each, [&](const auto& value) { return "each." + value.first == name; });
    if (found != each.end()) {
      out += found->second;
      continue;
    }
    report.error(node.at_offset(piece.offset), "TEMPLATE",
                 in_quotes(name) + " cannot stand in a title or a remedy",
                 "only {each.…} can; messages take any expression");
  }
  return out;
}

const Template& Message::in(model::Language language) const {
  return language == model::Language::kEnglish && !en.parts.empty() ? en : id;
}

}  // namespace patuh::rulebook

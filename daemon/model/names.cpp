#include "model/model.h"

namespace patuh::model {

std::string_view name_of(Language language) {
  return language == Language::kIndonesian ? "id" : "en";
}

const std::string& Text::in(Language language) const {
  return language == Language::kEnglish && !en.empty() ? en : id;
}

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::kLow:
      return "low";
    case Severity::kMedium:
      return "medium";
    case Severity::kHigh:
      return "high";
    case Severity::kCritical:
      return "critical";
  }
  return "low";
}

std::optional<Severity> severity_of(std::string_view name) {
  for (const Severity severity : kSeverities) {
    if (name_of(severity) == name) return severity;
  }
  return std::nullopt;
}

std::string_view name_of(AttributeType type) {
  switch (type) {
    case AttributeType::kString:
      return "string";
    case AttributeType::kText:
      return "text";
    case AttributeType::kBool:
      return "bool";
    case AttributeType::kInt:
      return "int";
    case AttributeType::kNumber:
      return "number";
    case AttributeType::kDate:
      return "date";
    case AttributeType::kDeadline:
      return "deadline";
    case AttributeType::kTimestamp:
      return "timestamp";
    case AttributeType::kEnum:
      return "enum";
    case AttributeType::kList:
      return "list";
    case AttributeType::kMap:
      return "map";
    case AttributeType::kAny:
      return "any";
  }
  return "any";
}

std::string_view name_of(Operation operation) {
  switch (operation) {
    case Operation::kUpsert:
      return "upsert";
    case Operation::kPatch:
      return "patch";
    case Operation::kRemove:
      return "remove";
  }
  return "upsert";
}

std::string_view name_of(FaultReason reason) {
  switch (reason) {
    case FaultReason::kNotJson:
      return "not_json";
    case FaultReason::kNotUtf8:
      return "not_utf8";
    case FaultReason::kTooLarge:
      return "too_large";
    case FaultReason::kTooDeep:
      return "too_deep";
    case FaultReason::kDuplicateKey:
      return "duplicate_key";
    case FaultReason::kNumberRange:
      return "number_range";
    case FaultReason::kMissingField:
      return "missing_field";
    case FaultReason::kWrongType:
      return "wrong_type";
    case FaultReason::kUnknownKind:
      return "unknown_kind";
    case FaultReason::kUnknownType:
      return "unknown_type";
    case FaultReason::kBadSubject:
      return "bad_subject";
    case FaultReason::kBadTime:
      return "bad_time";
    case FaultReason::kFutureTime:
      return "future_time";
    case FaultReason::kNotPermitted:
      return "not_permitted";
    case FaultReason::kUnsupported:
      return "unsupported";
    case FaultReason::kTooLong:
      return "too_long";
  }
  return "unsupported";
}

std::string_view name_of(VerdictState state) {
  switch (state) {
    case VerdictState::kNotApplicable:
      return "not_applicable";
    case VerdictState::kCompliant:
      return "compliant";
    case VerdictState::kViolating:
      return "violating";
    case VerdictState::kUndetermined:
      return "undetermined";
    case VerdictState::kWaived:
      return "waived";
  }
  return "undetermined";
}

std::optional<VerdictState> verdict_state_of(std::string_view name) {
  for (const VerdictState state :
       {VerdictState::kNotApplicable, VerdictState::kCompliant, VerdictState::kViolating,
        VerdictState::kUndetermined, VerdictState::kWaived}) {
    if (name_of(state) == name) return state;
  }
  return std::nullopt;
}

std::string_view name_of(Closing closing) {
  switch (closing) {
    case Closing::kNone:
      return "";
    case Closing::kElementRemoved:
      return "element_removed";
    case Closing::kRuleWithdrawn:
      return "rule_withdrawn";
    case Closing::kNewOccurrence:
      return "new_occurrence";
  }
  return "";
}

}  // namespace patuh::model

#include "debugger/conditions.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>

#include "debugger/machine_values.h"

namespace ringside {
namespace {

using Code = Expression::Code;

constexpr unsigned kMaxDepth = 64;  // of brackets and unary operators

enum EventField : std::uint8_t { kEventValue, kEventAddress, kEventNumber, kEventWrite };

struct Binary {
  const char* sign;
  unsigned priority;
  Code code;
};
// Longer signs first.
constexpr Binary kBinaries[] = {
    {"||", 1, Code::kEitherHolds}, {"&&", 2, Code::kBothHold},  {"==", 6, Code::kEqual},        {"!=", 6, Code::kNotEqual},
    {"<<", 8, Code::kShiftLeft},   {">>", 8, Code::kShiftRight}, {"<=", 7, Code::kLessEqual},   {">=", 7, Code::kGreaterEqual},
    {"<", 7, Code::kLess},         {">", 7, Code::kGreater},    {"|", 3, Code::kOr},            {"^", 4, Code::kXor},
    {"&", 5, Code::kAnd},          {"+", 9, Code::kAdd},        {"-", 9, Code::kSubtract},      {"*", 10, Code::kMultiply},
    {"/", 10, Code::kDivide},      {"%", 10, Code::kRemainder},
};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool starts_name(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.'; }
bool in_name(char c) { return starts_name(c) || std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '$'; }

std::optional<std::uint8_t> segment_number(const std::string& name) {
  static constexpr const char* kNames[] = {"es", "cs", "ss", "ds", "fs", "gs"};
  for (std::uint8_t i = 0; i < 6; ++i)
    if (name == kNames[i]) return i;
  return std::nullopt;
}

/// Recursive descent by priorities; the depth is bounded.
class Parser {
 public:
  Parser(const std::string& text, const Expression::SymbolLookup& symbols) : text_(text), symbols_(symbols) {}

  std::vector<Expression::Step> parse() {
    if (text_.size() > Expression::kMaxLength) fail("it is too long");
    expression(1);
    skip_space();
    if (at_ < text_.size()) fail(std::string("unexpected '") + text_[at_] + "'");
    return std::move(steps_);
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    const std::string shown = text_.size() > 80 ? text_.substr(0, 80) + "..." : text_;
    throw DebuggerError("expression '" + shown + "', column " + std::to_string(at_ + 1) + ": " + why);
  }
  void skip_space() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }
  bool take(const char* sign) {
    skip_space();
    const std::size_t length = std::strlen(sign);
    if (text_.compare(at_, length, sign) != 0) return false;
    at_ += length;
    return true;
  }
  void expect(const char* sign) {
    if (!take(sign)) fail(std::string("'") + sign + "' expected");
  }
  void emit(Code code, std::uint64_t value = 0) { steps_.push_back({.code = code, .value = value}); }

  const Binary* next_binary() {
    skip_space();
    for (const Binary& b : kBinaries)
      if (text_.compare(at_, std::strlen(b.sign), b.sign) == 0) return &b;
    if (at_ < text_.size() && text_[at_] == '=') fail("comparison is '=='");
    return nullptr;
  }

  void expression(unsigned priority) {
    operand();
    for (;;) {
      const Binary* b = next_binary();
      if (b == nullptr || b->priority < priority) return;
      at_ += std::strlen(b->sign);
      expression(b->priority + 1);
      emit(b->code);
    }
  }

  void operand() {
    if (++depth_ > kMaxDepth) fail("it is nested too deeply");
    skip_space();
    if (take("-")) {
      operand();
      emit(Code::kNegate);
    } else if (take("~")) {
      operand();
      emit(Code::kComplement);
    } else if (take("!")) {
      operand();
      emit(Code::kNot);
    } else if (take("(")) {
      expression(1);
      expect(")");
    } else if (take("[")) {
      memory(4);
    } else if (at_ < text_.size() && text_[at_] == '\'') {
      character();
    } else if (at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])) != 0) {
      number();
    } else {
      name();
    }
    --depth_;
  }

  void character() {
    if (at_ + 2 >= text_.size() || text_[at_ + 2] != '\'') fail("a character looks like 'A'");
    emit(Code::kConstant, static_cast<unsigned char>(text_[at_ + 1]));
    at_ += 3;
  }

  void number() {
    std::size_t end = at_;
    while (end < text_.size() && std::isalnum(static_cast<unsigned char>(text_[end])) != 0) ++end;
    std::string digits = lower(text_.substr(at_, end - at_));
    unsigned base = 10;
    if (digits.starts_with("0x")) {
      base = 16;
      digits.erase(0, 2);
    } else if (digits.ends_with("h")) {
      base = 16;
      digits.pop_back();
    }
    std::uint64_t value = 0;
    if (digits.empty()) fail("a number has no digits");
    for (const char c : digits) {
      const unsigned digit = std::isdigit(static_cast<unsigned char>(c)) != 0 ? static_cast<unsigned>(c - '0')
                             : c >= 'a' && c <= 'f'                          ? static_cast<unsigned>(c - 'a' + 10)
                                                                             : 99u;
      if (digit >= base) fail("'" + text_.substr(at_, end - at_) + "' is no number");
      if (value > (~std::uint64_t{0} - digit) / base) fail("a number is too large");
      value = value * base + digit;
    }
    at_ = end;
    emit(Code::kConstant, value);
  }

  // Behind "[".
  void memory(std::uint8_t size) {
    skip_space();
    std::uint8_t segment = kNoSeg;
    const std::size_t colon = text_.find(':', at_);
    if (colon != std::string::npos && colon - at_ <= 6) {
      std::string prefix = lower(text_.substr(at_, colon - at_));
      while (!prefix.empty() && prefix.back() == ' ') prefix.pop_back();
      if (const auto found = segment_number(prefix)) {
        segment = *found;
        at_ = colon + 1;
      } else if (prefix == "phys") {
        segment = Expression::kPhysicalSegment;
        at_ = colon + 1;
      }
    }
    expression(1);
    expect("]");
    steps_.push_back({.code = Code::kMemory, .size = size, .segment = segment});
  }

  bool sized_memory(const std::string& word) {
    static constexpr struct {
      const char* word;
      std::uint8_t size;
    } kSizes[] = {{"byte", 1}, {"word", 2}, {"dword", 4}, {"qword", 8}};
    for (const auto& s : kSizes) {
      if (word != s.word || !take("[")) continue;
      memory(s.size);
      return true;
    }
    return false;
  }

  bool event_field(const std::string& word) {
    static constexpr struct {
      const char* word;
      EventField field;
    } kFields[] = {{"value", kEventValue},   {"error", kEventValue}, {"address", kEventAddress}, {"port", kEventNumber},
                   {"vector", kEventNumber}, {"ring", kEventNumber}, {"msr", kEventNumber},      {"write", kEventWrite}};
    for (const auto& f : kFields) {
      if (word != f.word) continue;
      emit(Code::kEvent, f.field);
      return true;
    }
    return false;
  }

  void name() {
    if (at_ >= text_.size()) fail("it ends too early");
    const bool register_only = text_[at_] == '$' || text_[at_] == '%';
    const bool symbol_only = text_[at_] == '@';
    if (register_only || symbol_only) ++at_;
    if (at_ >= text_.size() || !starts_name(text_[at_]))
      fail(at_ < text_.size() ? std::string("unexpected '") + text_[at_] + "'" : "it ends too early");
    const std::size_t begin = at_;
    while (at_ < text_.size() && in_name(text_[at_])) ++at_;
    const std::string word = text_.substr(begin, at_ - begin), small = lower(word);
    if (!symbol_only) {
      if (!register_only && sized_memory(small)) return;
      if (!register_only && small == "int" && take("(")) {
        expression(1);
        expect(")");
        emit(Code::kInt);
        return;
      }
      if (const auto number = register_number(small)) {
        emit(Code::kRegister, *number);
        return;
      }
      if (!register_only && event_field(small)) return;
    }
    if (!register_only && symbols_) {
      if (const auto address = symbols_(word)) {
        emit(Code::kConstant, *address);
        return;
      }
    }
    at_ = begin;
    fail("there is no register" + std::string(register_only ? "" : " or symbol") + " '" + word + "'");
  }

  const std::string& text_;
  const Expression::SymbolLookup& symbols_;
  std::size_t at_ = 0;
  unsigned depth_ = 0;
  std::vector<Expression::Step> steps_;
};

// ===== Evaluation ======================================================================================

using Value = std::optional<std::uint64_t>;

Value event_value(const Hit* hit, std::uint64_t field) {
  if (hit == nullptr) return std::nullopt;
  switch (field) {
    case kEventValue: return hit->value;
    case kEventAddress: return hit->linear;
    case kEventNumber: return hit->number;
    default: return hit->write ? 1 : 0;
  }
}

Value memory_value(const Cpu& cpu, const Expression::Step& step, const Value& address) {
  if (!address) return std::nullopt;
  std::uint64_t value = 0;
  if (step.segment == Expression::kPhysicalSegment) {
    if (*address > PhysicalMemory::kSpan - step.size) return std::nullopt;
    cpu.memory.peek(*address, &value, step.size);
    return value;
  }
  auto linear = static_cast<std::uint32_t>(*address);
  if (step.segment < 6) linear += cpu.seg[step.segment].base;
  if (!peek_linear(cpu, linear, &value, step.size)) return std::nullopt;
  return value;
}

Value unary(Code code, const Value& a) {
  if (!a) return a;
  switch (code) {
    case Code::kInt: return static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(*a)));
    case Code::kNegate: return 0 - *a;
    case Code::kComplement: return ~*a;
    default: return *a == 0 ? 1 : 0;
  }
}

/// int() and negative numbers compare as signed ones: both operands then lie near the ends of the range.
bool less(std::uint64_t a, std::uint64_t b) {
  const bool signed_one = (a >> 63 | b >> 63) != 0;
  return signed_one ? static_cast<std::int64_t>(a) < static_cast<std::int64_t>(b) : a < b;
}

Value binary(Code code, const Value& x, const Value& y) {
  // What is known decides where it can.
  if (code == Code::kBothHold) {
    if ((x && *x == 0) || (y && *y == 0)) return 0;
    return x && y ? Value(1) : std::nullopt;
  }
  if (code == Code::kEitherHolds) {
    if ((x && *x != 0) || (y && *y != 0)) return 1;
    return x && y ? Value(0) : std::nullopt;
  }
  if (!x || !y) return std::nullopt;
  const std::uint64_t a = *x, b = *y;
  switch (code) {
    case Code::kMultiply: return a * b;
    case Code::kDivide: return b == 0 ? Value() : Value(a / b);
    case Code::kRemainder: return b == 0 ? Value() : Value(a % b);
    case Code::kAdd: return a + b;
    case Code::kSubtract: return a - b;
    case Code::kShiftLeft: return b > 63 ? 0 : a << b;
    case Code::kShiftRight: return b > 63 ? 0 : a >> b;
    case Code::kLess: return less(a, b) ? 1 : 0;
    case Code::kLessEqual: return less(b, a) ? 0 : 1;
    case Code::kGreater: return less(b, a) ? 1 : 0;
    case Code::kGreaterEqual: return less(a, b) ? 0 : 1;
    case Code::kEqual: return a == b ? 1 : 0;
    case Code::kNotEqual: return a != b ? 1 : 0;
    case Code::kAnd: return a & b;
    case Code::kXor: return a ^ b;
    default: return a | b;
  }
}

}  // namespace

Expression Expression::parse(const std::string& text, const SymbolLookup& symbols) {
  Expression e;
  e.steps_ = Parser(text, symbols).parse();
  return e;
}

std::optional<std::uint64_t> Expression::evaluate(const Cpu& cpu, const Hit* hit) const {
  std::vector<Value> stack;
  stack.reserve(8);
  for (const Step& step : steps_) {
    switch (step.code) {
      case Code::kConstant: stack.emplace_back(step.value); break;
      case Code::kRegister: stack.emplace_back(register_value(cpu, static_cast<std::uint32_t>(step.value))); break;
      case Code::kEvent: stack.push_back(event_value(hit, step.value)); break;
      case Code::kMemory: stack.back() = memory_value(cpu, step, stack.back()); break;
      case Code::kInt:
      case Code::kNegate:
      case Code::kComplement:
      case Code::kNot: stack.back() = unary(step.code, stack.back()); break;
      default: {
        const Value b = stack.back();
        stack.pop_back();
        stack.back() = binary(step.code, stack.back(), b);
      }
    }
  }
  return stack.empty() ? std::nullopt : stack.back();
}

}  // namespace ringside

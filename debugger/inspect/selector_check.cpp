// "What happens if": the protection checks without their effects. SDM Vol. 3A, "Privilege Level Checking ..."; Vol. 2,
// MOV, JMP, CALL and INT n.
#include "cpu/descriptor.h"
#include "debugger/inspect/descriptor_views.h"
#include "debugger/inspect/listing.h"
#include "debugger/inspect/register_fields.h"
#include "debugger/inspect/text.h"
#include "debugger/inspect/trap_views.h"

namespace ringside {
namespace {

/// The checks of one use, in the manual's order, each with a sentence when it is passed.
class Check {
 public:
  Check(const Cpu& cpu, const SelectorQuestion& q, Document* story) : cpu_(cpu), q_(q), story_(story) { answer_.new_cpl = q.cpl; }

  SelectorAnswer run() {
    const bool done = q_.use == SelectorUse::kInterrupt ? interrupt() : by_selector();
    if (done) answer_.allowed = true;
    return answer_;
  }

 private:
  bool fail(Cause cause) {
    answer_.cause = cause;
    return false;
  }
  bool need(bool holds, Cause cause, const std::string& passed) {
    if (!holds) return fail(cause);
    if (story_ != nullptr) story_->say("passed: " + passed, Tone::kGood);
    return true;
  }

  bool find(std::uint16_t selector, Descriptor& d) {
    std::uint32_t linear = 0;
    const Lookup found = find_descriptor(cpu_, selector, linear);
    if (found == Lookup::kNoLdt) return fail(Cause::kGpNoLdt);
    if (found != Lookup::kFound) return fail(found == Lookup::kBeyondGdt ? Cause::kGpBeyondGdt : Cause::kGpBeyondLdt);
    if (peek_span(cpu_, linear, &d.raw, 8) != 8) return fail(Cause::kPfNotPresentPte);
    if (story_ == nullptr) return true;
    story_->say("passed: selector " + hex16(selector) + " lies within its table");
    story_->strip(descriptor_strip(descriptor_type(d.raw), d.raw));
    return true;
  }

  bool by_selector() {
    const bool null = is_null(q_.selector);
    if (null) {
      if (q_.use == SelectorUse::kLoadData) {
        if (story_ != nullptr) story_->say("A null selector can be loaded; any use of the register faults then.", Tone::kWarning);
        return true;
      }
      return fail(q_.use == SelectorUse::kLoadStack ? Cause::kGpStackNull : Cause::kGpCodeNull);
    }
    Descriptor d;
    if (!find(q_.selector, d)) return false;
    switch (q_.use) {
      case SelectorUse::kLoadData: return data(d);
      case SelectorUse::kLoadStack: return stack(d);
      default: return far(d);
    }
  }

  bool data(Descriptor d) {
    const unsigned rpl = q_.selector & 3;
    return need(d.readable(), Cause::kGpDataType, "it is data, or code that may be read") &&
           need(d.conforming_code() || (d.dpl() >= q_.cpl && d.dpl() >= rpl), Cause::kGpDataDpl,
                format("its DPL %u is not below CPL %u nor RPL %u, or it is conforming code", d.dpl(), q_.cpl, rpl)) &&
           need(d.present(), Cause::kNpSegment, "it is present");
  }

  bool stack(Descriptor d) {
    const unsigned rpl = q_.selector & 3;
    return need(rpl == q_.cpl, Cause::kGpStackRpl, "its RPL is CPL") && need(d.writable_data(), Cause::kGpStackNotWritable, "it is writable data") &&
           need(d.dpl() == q_.cpl, Cause::kGpStackDpl, "its DPL is CPL") && need(d.present(), Cause::kSsNotPresent, "it is present");
  }

  bool code(Descriptor d, unsigned rpl) {
    if (d.conforming_code())
      return need(d.dpl() <= q_.cpl, Cause::kGpConformingDpl, "conforming code, its DPL is not above CPL") && need(d.present(), Cause::kNpCode, "it is present");
    return need(rpl <= q_.cpl, Cause::kGpCodeRpl, "its RPL is not above CPL") && need(d.dpl() == q_.cpl, Cause::kGpCodeDpl, "its DPL is CPL") &&
           need(d.present(), Cause::kNpCode, "it is present");
  }

  bool far(Descriptor d) {
    const unsigned rpl = q_.selector & 3;
    if (d.code()) return code(d, rpl);
    const unsigned type = d.type();
    const bool call_gate = d.system() && (type == kCallGate16 || type == kCallGate32);
    const bool task = d.system() && (type == kTaskGate || d.is_tss());
    if (!call_gate && !task) return fail(Cause::kGpFarTargetType);
    if (d.is_tss()) {
      return need(d.dpl() >= q_.cpl && d.dpl() >= rpl, Cause::kGpTssDpl, "the TSS's DPL allows it") &&
             need(d.is_available_tss(), Cause::kGpTssBusy, "the task is not busy") && need(d.present(), Cause::kNpTss, "the TSS is present");
    }
    if (!need(d.dpl() >= q_.cpl, Cause::kGpGateDpl, "the gate's DPL is not below CPL") ||
        !need(d.dpl() >= rpl, Cause::kGpGateRpl, "the gate's DPL is not below the selector's RPL") || !need(d.present(), Cause::kNpGate, "the gate is present"))
      return false;
    return task || through(d, q_.use == SelectorUse::kFarCall);
  }

  /// The code segment behind a call gate.
  bool through(Descriptor gate, bool call) {
    if (is_null(gate.gate_selector())) return fail(Cause::kGpGateCodeNull);
    Descriptor d;
    if (!find(gate.gate_selector(), d)) return false;
    if (!need(d.code(), Cause::kGpGateCodeType, "the gate leads to code")) return false;
    const bool inner = !d.conforming_code();
    const bool fits = call || !inner ? d.dpl() <= q_.cpl : d.dpl() == q_.cpl;
    if (!need(fits, Cause::kGpGateCodeDpl, "that code's DPL can be reached from here") || !need(d.present(), Cause::kNpCode, "it is present")) return false;
    if (call && inner && d.dpl() < q_.cpl) {
      answer_.new_cpl = d.dpl();
      if (story_ != nullptr) story_->say(format("The call goes to ring %u, on the stack that the TSS names for it.", d.dpl()), Tone::kAccent);
    }
    return true;
  }

  bool interrupt() {
    const std::uint32_t vector = q_.selector & 0xFF;
    if (!need(vector * 8 + 7 <= cpu_.idtr.limit, Cause::kGpIdtLimit, "the vector lies within the IDT")) return false;
    Descriptor gate;
    if (peek_span(cpu_, cpu_.idtr.base + vector * 8, &gate.raw, 8) != 8) return fail(Cause::kPfNotPresentPte);
    if (story_ != nullptr) story_->strip(descriptor_strip(format("Gate %02Xh", vector), gate.raw));
    const unsigned type = gate.type();
    if (!need(gate.system() && (type == kTaskGate || (type & 7) == 6 || (type & 7) == 7), Cause::kGpIdtType, "it is a gate of the IDT's kinds") ||
        !need(gate.dpl() >= q_.cpl, Cause::kGpIdtDpl, "INT n is allowed: the gate's DPL is not below CPL") || !need(gate.present(), Cause::kNpIdtGate, "the gate is present"))
      return false;
    if (type == kTaskGate) return true;
    if (is_null(gate.gate_selector())) return fail(Cause::kGpGateCodeNull);
    Descriptor d;
    if (!find(gate.gate_selector(), d) || !need(d.code(), Cause::kGpGateCodeType, "the gate leads to code") ||
        !need(d.dpl() <= q_.cpl, Cause::kGpGateCodeDpl, "the handler is in this ring or an inner one") || !need(d.present(), Cause::kNpCode, "it is present"))
      return false;
    if (!d.conforming_code()) answer_.new_cpl = d.dpl();
    return true;
  }

  const Cpu& cpu_;
  const SelectorQuestion& q_;
  Document* story_;
  SelectorAnswer answer_;
};

}  // namespace

SelectorAnswer check_selector(const Cpu& cpu, const SelectorQuestion& question) { return Check(cpu, question, nullptr).run(); }

Document view_selector_check(const Cpu& cpu, const SelectorQuestion& question) {
  Document document;
  if (!cpu.protected_mode()) document.say("The machine is in real mode, where any selector can be loaded: it is the base divided by 16. What follows is what protected mode would do with these tables.", Tone::kWarning);
  if (question.use != SelectorUse::kInterrupt) document.strip(selector_strip("Selector", question.selector));
  const SelectorAnswer answer = Check(cpu, question, &document).run();
  if (answer.allowed) {
    document.say(format("Allowed. CPL is %u afterwards.", answer.new_cpl), Tone::kGood);
  } else {
    document.say(std::string(vector_mnemonic(vector_of(answer.cause))) + ": " + cause_sentence(answer.cause), Tone::kBad);
    document.say(explanation_of(answer.cause));
  }
  return document;
}

}  // namespace ringside

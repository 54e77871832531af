#include "cpu/descriptor.h"

namespace ringside {

void refuse(Cpu& cpu, Cause cause, std::uint16_t selector, Descriptor descriptor) {
  FaultDetail detail;
  detail.selector = selector;
  detail.descriptor = descriptor.raw;
  cpu.raise(cause, selector_error(selector), detail);
}

void refuse_zero(Cpu& cpu, Cause cause, std::uint16_t selector, Descriptor descriptor) {
  FaultDetail detail;
  detail.selector = selector;
  detail.descriptor = descriptor.raw;
  cpu.raise(cause, 0, detail);
}

void refuse_lookup(Cpu& cpu, Lookup miss, std::uint16_t selector, Vector vector) {
  const bool ts = vector == Vector::kTS;
  FaultDetail detail;
  detail.selector = selector;
  Cause cause = Cause::kGpNoLdt;
  switch (miss) {
    case Lookup::kBeyondGdt:
      cause = ts ? Cause::kTsBeyondGdt : Cause::kGpBeyondGdt;
      detail.limit = cpu.gdtr.limit;
      break;
    case Lookup::kBeyondLdt:
      cause = ts ? Cause::kTsBeyondLdt : Cause::kGpBeyondLdt;
      detail.limit = cpu.ldtr.limit;
      break;
    default:
      cause = ts ? Cause::kTsNoLdt : Cause::kGpNoLdt;
      break;
  }
  cpu.raise(cause, selector_error(selector), detail);
}

void set_segment(Cpu& cpu, unsigned index, const Segment& segment) {
  Segment& s = cpu.seg[index];
  const bool same_mode = s.flat_writable() == segment.flat_writable() && s.big == segment.big;
  s = segment;
  // The mode key knows nothing of FS and GS, and of the others only flatness and size.
  if (!same_mode && index != kFS && index != kGS) cpu.update_mode();
}

void set_null_segment(Cpu& cpu, unsigned index, std::uint16_t selector) {
  Segment s = cpu.seg[index];
  s.selector = selector;
  s.usable = 0;
  s.derive();
  set_segment(cpu, index, s);
}

Segment v86_segment(std::uint16_t selector) {
  Segment s;
  s.base = std::uint32_t{selector} << 4;
  s.selector = selector;
  s.limit = 0xFFFF;
  s.access = kPresent | kDplMask | kNotSystem | kWritable | kAccessed;
  s.big = 0;
  s.derive();
  return s;
}

Segment checked_stack(Cpu& cpu, std::uint16_t selector, unsigned level, const StackCauses& causes) {
  Descriptor d = read_descriptor(cpu, selector, causes.vector);
  if ((selector & 3u) != level) refuse(cpu, causes.rpl, selector, d);
  if (!d.writable_data()) refuse(cpu, causes.not_writable, selector, d);
  if (d.dpl() != level) refuse(cpu, causes.dpl, selector, d);
  if (!d.present()) refuse(cpu, causes.not_present, selector, d);
  set_accessed(cpu, selector, d);
  return make_segment(selector, d);
}

}  // namespace ringside

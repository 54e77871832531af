// How a case gets onto silicon. The case's memory is mapped below 4 GiB, its segments stand in the process's
// local descriptor table. IRETQ enters the 16- or 32-bit code with every register set; the exception that ends the
// case comes back as a signal on an alternate stack, whose frame holds the whole state. The handler does not
// return through the kernel: it goes back to the caller's stack itself, which spares a system call a case.
#include "tests/oracle/silicon.h"

#if defined(__x86_64__) && defined(__linux__)

#include <asm/ldt.h>
#include <cpuid.h>
#include <elf.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "tests/oracle/layout.h"
#include "tests/oracle/shadow_memory.h"

#ifndef HWCAP2_FSGSBASE
#define HWCAP2_FSGSBASE (1 << 1)
#endif

namespace ringside::oracle {
namespace {

/// What the entry and exit code below works on; the offsets are written out there.
struct Crossing {
  std::uint64_t host_rsp;      // 0
  std::uint64_t host_fs_base;  // 8
  std::uint16_t segments[4];   // 16: DS ES FS GS
  std::uint64_t rip, cs, rflags, rsp, ss;                             // 24
  std::uint32_t eax, ecx, edx, ebx, ebp, esi, edi, unused;            // 64
  std::uint16_t segments_after[4];                                    // 96
  std::uint8_t pad[8];                                                // 104
  alignas(16) std::uint8_t fpu[512];                                  // 112
  std::uint64_t frame_rsp;                                            // 624: where IRETQ's frame is put
};
static_assert(offsetof(Crossing, rip) == 24 && offsetof(Crossing, eax) == 64 && offsetof(Crossing, fpu) == 112 &&
              offsetof(Crossing, frame_rsp) == 624);

}  // namespace
}  // namespace ringside::oracle

extern "C" {
alignas(64) ringside::oracle::Crossing oracle_crossing;
void oracle_enter();
void oracle_fault_entry();
void oracle_alarm_entry();
void oracle_note_fault(int signal, siginfo_t* info, void* context);
int oracle_note_alarm(int signal, siginfo_t* info, void* context);
}

// oracle_enter: saves the host's registers, sets the case's, IRETQ. oracle_fault_entry: the signal handler. DS, ES,
// FS and GS still are the case's, and EFLAGS.AC may be, so nothing of C or C++ may run before they are put away.
// oracle_alarm_entry: the watchdog, which returns through the kernel unless the case has run for too long. It keeps ID
// and NT, which the kernel does not restore.
asm(R"(
.text
.globl oracle_enter
oracle_enter:
  push %rbx
  push %rbp
  push %r12
  push %r13
  push %r14
  push %r15
  lea oracle_crossing(%rip), %r15
  mov %rsp, (%r15)
  fxrstor 112(%r15)
  mov 16(%r15), %ds
  mov 18(%r15), %es
  mov 20(%r15), %fs
  mov 22(%r15), %gs
  mov 624(%r15), %rsp
  pushq 56(%r15)
  pushq 48(%r15)
  pushq 40(%r15)
  pushq 32(%r15)
  pushq 24(%r15)
  mov 64(%r15), %eax
  mov 68(%r15), %ecx
  mov 72(%r15), %edx
  mov 76(%r15), %ebx
  mov 80(%r15), %ebp
  mov 84(%r15), %esi
  mov 88(%r15), %edi
  iretq

.globl oracle_fault_entry
oracle_fault_entry:
  lea oracle_crossing(%rip), %r15
  mov %ds, 96(%r15)
  mov %es, 98(%r15)
  mov %fs, 100(%r15)
  mov %gs, 102(%r15)
  pushq $0x202
  popfq
  xor %eax, %eax
  mov %eax, %ds
  mov %eax, %es
  mov %eax, %fs
  mov %eax, %gs
  mov 8(%r15), %rax
  wrfsbase %rax
  call oracle_note_fault
oracle_leave:
  lea oracle_crossing(%rip), %rax
  mov (%rax), %rsp
  pop %r15
  pop %r14
  pop %r13
  pop %r12
  pop %rbp
  pop %rbx
  ret

.globl oracle_alarm_entry
oracle_alarm_entry:
  pushfq
  andq $~0x40000, (%rsp)
  popfq
  push %rax
  call oracle_note_alarm
  pop %rcx
  test %eax, %eax
  jnz 1f
  ret
1:
  lea oracle_crossing(%rip), %r15
  mov %ds, 96(%r15)
  mov %es, 98(%r15)
  mov %fs, 100(%r15)
  mov %gs, 102(%r15)
  xor %eax, %eax
  mov %eax, %ds
  mov %eax, %es
  mov %eax, %fs
  mov %eax, %gs
  mov 8(%r15), %rax
  wrfsbase %rax
  jmp oracle_leave
)");

namespace ringside::oracle {
namespace {

constexpr std::uint16_t kHostCode = 0x33;

struct Ending {
  std::uint64_t gregs[NGREG];
  std::uint8_t fpu[FpuImage::kSize];
  std::uint64_t cr2;
  bool timeout;
};

Ending ending;
volatile std::uint64_t case_number = 0;
std::uint64_t alarm_number = 0;
std::array<std::array<std::uint8_t, kPage>, kPages.size()> pristine;
alignas(16) std::uint8_t signal_stack[1 << 17];

void note_state(const ucontext_t& context) {
  // No library call: the host's thread pointer may not be back yet.
  for (int i = 0; i < NGREG; ++i) ending.gregs[i] = static_cast<std::uint64_t>(context.uc_mcontext.gregs[i]);
  const auto* image = reinterpret_cast<const volatile std::uint8_t*>(context.uc_mcontext.fpregs);
  for (unsigned i = 0; i < FpuImage::kSize; ++i) ending.fpu[i] = image[i];
}

// IRETQ to a 16-bit stack loads SP only; the upper half of ESP stays what it was on the host's stack. So the frame
// stands on a stack with the right bits 16-31, one for each of layout.h's values.
constexpr std::uint64_t kFrameStacks = 0x300000000000;

std::uint64_t frame_stack(std::uint32_t esp_high) { return kFrameStacks + (std::uint64_t{esp_high} << 16) + 0x8000; }

bool map_frame_stacks() {
  for (const std::uint16_t high : kEspHighs) {
    void* at = reinterpret_cast<void*>(frame_stack(high) - kPage);
    if (mmap(at, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != at) return false;
  }
  return true;
}

std::uint8_t* host(std::uint32_t linear) { return reinterpret_cast<std::uint8_t*>(std::uintptr_t{linear}); }

bool map_memory() {
  for (std::size_t i = 0; i < kPages.size(); ++i) {
    const MappedPage& page = kPages[i];
    void* at = mmap(host(page.linear), kPage, PROT_READ | PROT_WRITE | PROT_EXEC,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_POPULATE, -1, 0);
    if (at != host(page.linear)) return false;
    for (std::uint32_t o = 0; o < kPage; ++o) pristine[i][o] = host(page.linear)[o] = background(page.linear + o);
    mlock(at, kPage);
    if (!page.writable && mprotect(at, kPage, PROT_READ | PROT_EXEC) != 0) return false;
  }
  return true;
}

bool fill_descriptors() {
  for (unsigned i = 0; i < kLocalCount; ++i) {
    const LocalSegment& s = local_segments()[i];
    if (s.kind == LocalSegment::kEmpty) continue;
    user_desc d{};
    d.entry_number = i;
    d.base_addr = s.base;
    d.limit = s.limit;
    d.seg_32bit = s.big;
    d.contents = (static_cast<unsigned>(s.kind) - LocalSegment::kData) & 3;
    d.read_exec_only = s.restricted;
    d.limit_in_pages = s.pages;
    d.seg_not_present = !s.present;
    d.useable = s.available;
    if (syscall(SYS_modify_ldt, 0x11, &d, sizeof d) != 0) return false;
  }
  return true;
}

bool install_handlers() {
  stack_t stack{};
  stack.ss_sp = signal_stack;
  stack.ss_size = sizeof signal_stack;
  if (sigaltstack(&stack, nullptr) != 0) return false;
  struct sigaction action {};
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  action.sa_sigaction = reinterpret_cast<void (*)(int, siginfo_t*, void*)>(oracle_fault_entry);
  for (const int signal : {SIGSEGV, SIGBUS, SIGTRAP, SIGFPE, SIGILL})
    if (sigaction(signal, &action, nullptr) != 0) return false;
  action.sa_sigaction = reinterpret_cast<void (*)(int, siginfo_t*, void*)>(oracle_alarm_entry);
  if (sigaction(SIGALRM, &action, nullptr) != 0) return false;
  itimerval timer{};
  timer.it_interval.tv_usec = timer.it_value.tv_usec = 200000;
  return setitimer(ITIMER_REAL, &timer, nullptr) == 0;
}

std::string set_up() {
  if ((getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE) == 0) return "the system does not let programs write FS.base";
  if (!make_room_below_4g() || !map_memory() || !map_frame_stacks()) return "the cases' memory cannot be mapped";
  if (!fill_descriptors()) return "the system has no modify_ldt, or no 16-bit segments";
  if (!install_handlers()) return "no signal handlers";
  asm volatile("rdfsbase %0" : "=r"(oracle_crossing.host_fs_base));
  return {};
}

template <typename F>
void each_byte(const Bytes& bytes, F&& f) {
  for (const Bytes::Run& run : bytes.runs()) {
    const auto data = bytes.of(run);
    for (std::uint32_t i = 0; i < run.size; ++i) {
      const std::uint32_t linear = run.linear + i;
      const int page = page_index(linear);
      if (page >= 0 && kPages[static_cast<std::size_t>(page)].writable)
        f(static_cast<std::size_t>(page), linear, data[i]);
    }
  }
}

/// Notes what differs from the pristine memory, and puts it back.
void collect_changes(const Case& c, Result& result) {
  for (std::size_t p = 0; p < kPages.size(); ++p) {
    const std::uint32_t linear = kPages[p].linear;
    std::uint8_t* now = host(linear);
    const std::uint8_t* before = pristine[p].data();
    if (!kPages[p].writable || std::memcmp(now, before, kPage) == 0) continue;
    for (std::uint32_t o = 0; o < kPage; ++o) {
      if (now[o] == before[o]) continue;
      std::uint32_t end = o + 1;
      while (end < kPage && now[end] != before[end]) ++end;
      result.changes.add(linear + o, {now + o, end - o});
      std::memcpy(now + o, before + o, end - o);
      o = end;
    }
  }
  each_byte(c.patches, [](std::size_t page, std::uint32_t linear, std::uint8_t) {
    pristine[page][linear & (kPage - 1)] = *host(linear) = background(linear);
  });
}

std::uint16_t plain_selector(std::uint16_t selector) {
  return (selector & ~3u) == 0 ? std::uint16_t{0} : selector;  // a null selector's RPL is lost on the kernel's way back
}

void fill_registers(Result& result) {
  static constexpr int kOrder[8] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI};
  for (unsigned i = 0; i < 8; ++i) result.registers.gpr[i] = static_cast<std::uint32_t>(ending.gregs[kOrder[i]]);
  result.registers.eip = static_cast<std::uint32_t>(ending.gregs[REG_RIP]);
  result.registers.eflags = static_cast<std::uint32_t>(ending.gregs[REG_EFL]);
  const Crossing& x = oracle_crossing;
  result.registers.seg = {plain_selector(x.segments_after[1]), static_cast<std::uint16_t>(ending.gregs[REG_CSGSFS]),
                          static_cast<std::uint16_t>(ending.gregs[REG_CSGSFS] >> 48),
                          plain_selector(x.segments_after[0]), plain_selector(x.segments_after[2]),
                          plain_selector(x.segments_after[3])};
  std::memcpy(result.fpu.bytes.data(), ending.fpu, FpuImage::kSize);
  // Byte 5 is reserved, 6 to 23 are FOP and the pointers, 28 to 31 the mask of MXCSR.
  std::memset(result.fpu.bytes.data() + 5, 0, 19);
  std::memset(result.fpu.bytes.data() + 28, 0, 4);
  for (unsigned i = 0; i < 8; ++i) std::memset(result.fpu.bytes.data() + 32 + 16 * i + 10, 0, 6);
}

}  // namespace

std::string silicon_obstacle() {
  static const std::string obstacle = set_up();
  return obstacle;
}

void run_on_silicon(const Case& c, Result& result) {
  result.changes = {};
  each_byte(c.patches, [](std::size_t page, std::uint32_t linear, std::uint8_t value) {
    pristine[page][linear & (kPage - 1)] = *host(linear) = value;
  });
  Crossing& x = oracle_crossing;
  const Registers& r = c.registers;
  x.segments[0] = r.seg[kDS];
  x.segments[1] = r.seg[kES];
  x.segments[2] = r.seg[kFS];
  x.segments[3] = r.seg[kGS];
  x.rip = r.eip;
  x.cs = r.seg[kCS];
  x.rflags = r.eflags;
  x.rsp = r.gpr[kESP];
  x.ss = r.seg[kSS];
  const bool known_high = std::find(kEspHighs.begin(), kEspHighs.end(), r.gpr[kESP] >> 16) != kEspHighs.end();
  x.frame_rsp = frame_stack(known_high ? r.gpr[kESP] >> 16 : 0u);
  x.eax = r.gpr[kEAX];
  x.ecx = r.gpr[kECX];
  x.edx = r.gpr[kEDX];
  x.ebx = r.gpr[kEBX];
  x.ebp = r.gpr[kEBP];
  x.esi = r.gpr[kESI];
  x.edi = r.gpr[kEDI];
  std::memcpy(x.fpu, c.fpu.bytes.data(), FpuImage::kSize);
  ending.timeout = false;
  case_number = case_number + 1;
  {
    const HiddenShadow hidden;
    oracle_enter();
  }
  fill_registers(result);
  result.vector = ending.timeout ? Result::kTimeout : static_cast<std::uint8_t>(ending.gregs[REG_TRAPNO]);
  result.error_code = static_cast<std::uint32_t>(ending.gregs[REG_ERR]);
  result.cr2 = result.vector == 14 ? static_cast<std::uint32_t>(ending.gregs[REG_CR2]) : 0;
  // Fetches are told apart only where no-execute is enabled.
  if (result.vector == 14) result.error_code &= ~0x10u;
  collect_changes(c, result);
}

void stay_on_processor(unsigned number) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(number, &one);
  if (sched_setaffinity(0, sizeof one, &one) == 0) set_host_processor(number);
}

std::string silicon_name() {
  std::uint32_t r[12] = {};
  for (unsigned i = 0; i < 3; ++i)
    __get_cpuid(0x80000002 + i, &r[4 * i], &r[4 * i + 1], &r[4 * i + 2], &r[4 * i + 3]);
  char brand[49] = {};
  std::memcpy(brand, r, 48);
  std::uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
  __get_cpuid(1, &eax, &ebx, &ecx, &edx);
  const std::uint32_t family = (eax >> 8 & 15) + ((eax >> 8 & 15) == 15 ? eax >> 20 & 0xFF : 0);
  char line[160];
  std::snprintf(line, sizeof line, "%s, family %u, model %u, stepping %u", brand, family,
                (eax >> 4 & 15) | (eax >> 12 & 0xF0), eax & 15);
  return line;
}

}  // namespace ringside::oracle

// The handlers' C++ part; the first runs with the host's thread pointer, the second perhaps not.
void oracle_note_fault(int, siginfo_t*, void* context) {
  using namespace ringside::oracle;
  const auto& c = *static_cast<const ucontext_t*>(context);
  note_state(c);
  if ((ending.gregs[REG_CSGSFS] & 0xFFFF) != kHostCode) return;
  // IRETQ has refused to enter the case, or the fault is this program's own.
  const std::uint64_t entry = reinterpret_cast<std::uint64_t>(&oracle_enter);
  const std::uint64_t end = reinterpret_cast<std::uint64_t>(&oracle_fault_entry);
  if (ending.gregs[REG_RIP] - entry < end - entry) {
    ending.timeout = true;
    return;
  }
  static constexpr char kText[] = "oracle: a fault outside the case\n";
  if (write(2, kText, sizeof kText - 1) != 0) _exit(3);
}

int oracle_note_alarm(int, siginfo_t*, void* context) {
  using namespace ringside::oracle;
  const auto& c = *static_cast<const ucontext_t*>(context);
  const bool in_case = (static_cast<std::uint64_t>(c.uc_mcontext.gregs[REG_CSGSFS]) & 0xFFFF) != kHostCode;
  const bool stuck = in_case && alarm_number == case_number;
  alarm_number = case_number;
  if (!stuck) return 0;
  note_state(c);
  ending.timeout = true;
  return 1;
}

#else

namespace ringside::oracle {

std::string silicon_obstacle() { return "native cases need Linux on an x86-64 processor"; }
void run_on_silicon(const Case&, Result&) {}
void stay_on_processor(unsigned) {}
std::string silicon_name() { return "none"; }

}  // namespace ringside::oracle

#endif

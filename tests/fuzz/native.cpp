// Random programs on the processor that this test runs on. A signal's return enters 32-bit code; the exceptions of the
// program come back as signals, whose frames are edited to go on elsewhere. Counting is by TF: a trap an instruction,
// and an iteration of a repeated string instruction.
#include "tests/fuzz/user_program.h"

#if defined(__x86_64__) && defined(__linux__)

#include <asm/ldt.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>

namespace ringside::test {
namespace {

constexpr std::uint32_t kTf = 0x100, kRf = 0x10000, kTrap = 1, kBreakpoint = 3, kOverflow = 4, kPage = 0x1000;
constexpr std::uint32_t kHostFlags = 0x244000;  ///< NT, AC, ID: the host's kernel does not restore them all

struct Run {
  const UserProgram* program = nullptr;
  bool stepped = false;
  std::uint64_t limit = 0;      ///< of instructions
  std::size_t last_event = 0;   ///< of a free run
  UserEnd* end = nullptr;
  UserEnd* at_last_event = nullptr;
  bool running = false;
  bool pushes_flags = false;    ///< the instruction under way is PUSHF
  bool escaped = false;
  greg_t host[NGREG];
  std::uint64_t watched = ~0ull;  ///< progress at the last alarm
};
Run now;

std::uint8_t* host_of(std::uint32_t linear) {
  const std::uint32_t offset = (linear - UserProgram::kOrigin) & ~(kPage - 1);
  for (const UserPage& page : kUserPages)
    if (page.offset == offset) return reinterpret_cast<std::uint8_t*>(std::uintptr_t{linear});
  return nullptr;
}

constexpr int kOrder[8] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI};

void note_registers(const greg_t* g, UserRegisters& r) {
  for (unsigned i = 0; i < 8; ++i) r.gpr[i] = static_cast<std::uint32_t>(g[kOrder[i]]);
  r.eip = static_cast<std::uint32_t>(g[REG_RIP]);
  r.eflags = static_cast<std::uint32_t>(g[REG_EFL]) & ~(kTf | kRf);
}

void note_memory(std::vector<std::uint8_t>& memory) {
  memory.clear();
  for (const UserPage& page : kUserPages) {
    const std::uint8_t* at = host_of(UserProgram::kOrigin + page.offset);
    memory.insert(memory.end(), at, at + kPage);
  }
}

/// The instruction at EIP, as far as it decides whether the program may execute it here.
struct Look {
  bool allowed = true;
  bool pushes_flags = false;
};

/// Two-byte opcodes that mean the same on all processors since the Pentium 4 and say nothing of the host.
bool allowed_two_byte(std::uint8_t second, bool operand16, bool repeated) {
  if (second >= 0xC8 && second <= 0xCF) return !operand16;  // BSWAP of 16 bits is undefined
  if (second == 0xBC || second == 0xBD || second == 0xB8) return second != 0xB8 && !repeated;
  if (second >= 0x40 && second <= 0x4F) return true;
  if (second >= 0x80 && second <= 0x9F) return true;
  switch (second) {
    case 0x0B: case 0xA3: case 0xA4: case 0xA5: case 0xAB: case 0xAC: case 0xAD: case 0xAF: case 0xB0: case 0xB1:
    case 0xB3: case 0xB6: case 0xB7: case 0xBA: case 0xBB: case 0xBE: case 0xBF: case 0xC0: case 0xC1:
      return true;
    default:
      return false;
  }
}

Look look_at(const greg_t* g) {
  std::uint32_t linear = now.program->segment_base() + static_cast<std::uint32_t>(g[REG_RIP]);
  Look look;
  const auto next = [&](std::uint8_t& byte) {
    const std::uint8_t* at = host_of(linear++);
    if (at == nullptr) return false;  // the fetch will fault
    byte = *at;
    return true;
  };
  bool operand16 = false, repeated = false;
  std::uint8_t b = 0;
  for (unsigned prefixes = 0;; ++prefixes) {
    if (!next(b) || prefixes > 14) return look;
    if (b == 0x66) {
      operand16 = true;
    } else if (b == 0xF2 || b == 0xF3) {
      repeated = true;
    } else if (b == 0x64 || b == 0x65) {
      look.allowed = false;
      return look;
    } else if (b != 0xF0 && b != 0x67 && b != 0x26 && b != 0x2E && b != 0x36 && b != 0x3E) {
      break;
    }
  }
  std::uint8_t second = 0;
  switch (b) {
    case 0x0F:
      if (next(second)) look.allowed = allowed_two_byte(second, operand16, repeated);
      // A count above 16 for a 16-bit double shift leaves an undefined result.
      if (operand16 && (second & 0xF6) == 0xA4) look.allowed = false;
      break;
    // Segment registers, far transfers, IRET; what VEX, EVEX and XOP have taken; INT1; the coprocessor.
    case 0x07: case 0x17: case 0x1F: case 0x62: case 0x8E: case 0x8F: case 0x9A: case 0x9B: case 0xC4: case 0xC5:
    case 0xCA: case 0xCB: case 0xCF: case 0xEA: case 0xF1:
      look.allowed = b == 0x8F && next(second) && (second >> 3 & 7) == 0;
      break;
    case 0xC6: case 0xC7: case 0xFF:
      if (next(second)) {
        const unsigned reg = second >> 3 & 7;
        look.allowed = b == 0xFF ? reg != 3 && reg != 5 : reg == 0;
      }
      break;
    case 0xCD:
      if (next(second)) look.allowed = second != 0x80 && second != 1;
      break;
    case 0x9C:
      look.pushes_flags = true;
      break;
    case 0x9D: {
      const std::uint32_t stack = now.program->segment_base() + static_cast<std::uint32_t>(g[REG_RSP]);
      for (unsigned i = 0; i < 4; ++i) {
        const std::uint8_t* at = host_of(stack + i);
        if (at != nullptr && (*at & ((kHostFlags | kTf) >> (8 * i) & 0xFF)) != 0 && (i < 2 || !operand16)) look.allowed = false;
      }
      break;
    }
    default:
      if (b >= 0xD8 && b <= 0xDF) look.allowed = false;
      break;
  }
  return look;
}

void leave(greg_t* g) {
  now.running = false;
  std::memcpy(g, now.host, sizeof now.host);
}

void go_on(greg_t* g) {
  const UserProgram& p = *now.program;
  g[REG_RIP] = p.start(now.end->events.size());
  g[REG_RSP] = p.stack_top();
  g[REG_EFL] = UserProgram::kFirstFlags;
}

/// Before an instruction of a stepped run: true where the program ends here.
bool step_or_end(greg_t* g) {
  if (now.end->count >= now.limit) return true;
  Look look = look_at(g);
  for (unsigned tries = 0; !look.allowed; look = look_at(g)) {
    if (++tries > 200) return true;
    UserEvent event;
    event.count = now.end->count;
    event.vector = UserEvent::kEscape;
    event.eip = static_cast<std::uint32_t>(g[REG_RIP]);
    now.end->events.push_back(event);
    now.escaped = true;
    go_on(g);
  }
  now.pushes_flags = look.pushes_flags;
  g[REG_EFL] |= kTf;
  return false;
}

void end_run(greg_t* g) {
  note_registers(g, now.end->registers);
  note_memory(now.end->memory);
  leave(g);
}

void note_event(const greg_t* g, std::uint8_t vector) {
  UserEvent event;
  if (now.stepped && (vector == kBreakpoint || vector == kOverflow)) ++now.end->count;  // traps: they have retired
  event.count = now.end->count;
  event.vector = vector;
  event.eip = static_cast<std::uint32_t>(g[REG_RIP]);
  event.error = static_cast<std::uint32_t>(g[REG_ERR]);
  if (vector == 14) {
    event.error &= ~0x11u;
    event.cr2 = static_cast<std::uint32_t>(g[REG_CR2]);
  }
  now.end->events.push_back(event);
}

void on_signal(int, siginfo_t*, void* context) {
  greg_t* g = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  if ((g[REG_CSGSFS] & 0xFFFF) != now.program->code_selector() || !now.running) {
    // Not the program's: the host's own mistake.
    std::signal(SIGSEGV, SIG_DFL);
    std::signal(SIGTRAP, SIG_DFL);
    return;
  }
  const auto vector = static_cast<std::uint8_t>(g[REG_TRAPNO]);
  if (now.stepped && vector == kTrap) {
    ++now.end->count;
    if (now.pushes_flags) {
      std::uint8_t* image = host_of(now.program->segment_base() + static_cast<std::uint32_t>(g[REG_RSP]) + 1);
      if (image != nullptr) *image = static_cast<std::uint8_t>(*image & ~(kTf >> 8));
    }
    if (step_or_end(g)) end_run(g);
    return;
  }
  note_event(g, vector);
  if (now.at_last_event != nullptr && !now.escaped) {
    note_registers(g, now.at_last_event->registers);
    note_memory(now.at_last_event->memory);
    now.at_last_event->events = now.end->events;
  }
  if (!now.stepped && now.end->events.size() >= now.last_event) return end_run(g);
  go_on(g);
  if (now.stepped && step_or_end(g)) end_run(g);
}

/// Into the program, out of the signal that run_program() raises; and the watchdog.
void on_enter(int, siginfo_t*, void* context) {
  greg_t* g = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  std::memcpy(now.host, g, sizeof now.host);
  const UserProgram& p = *now.program;
  for (const int index : kOrder) g[index] = 0;
  const std::uint64_t keep = static_cast<std::uint64_t>(g[REG_CSGSFS]) & 0x0000FFFFFFFF0000ull;
  g[REG_CSGSFS] = static_cast<greg_t>(keep | p.code_selector() | std::uint64_t{p.data_selector()} << 48);
  now.running = true;
  go_on(g);
  if (now.stepped && step_or_end(g)) end_run(g);
}

void on_alarm(int, siginfo_t*, void* context) {
  greg_t* g = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  if (!now.running || (g[REG_CSGSFS] & 0xFFFF) != now.program->code_selector()) return;
  const std::uint64_t progress = now.end->events.size() + now.end->count;
  if (now.watched == progress) end_run(g);
  now.watched = progress;
}

bool map_pages() {
  for (const UserPage& page : kUserPages) {
    void* at = reinterpret_cast<void*>(std::uintptr_t{UserProgram::kOrigin + page.offset});
    if (mmap(at, kPage, PROT_READ | PROT_WRITE | PROT_EXEC,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_POPULATE, -1, 0) != at)
      return false;
  }
  return true;
}

bool make_segments() {
  user_desc d{};
  d.base_addr = UserProgram::kOrigin;
  d.limit = UserProgram::kSegmentLimit;
  d.seg_32bit = 1;
  d.contents = 2;
  if (syscall(SYS_modify_ldt, 0x11, &d, sizeof d) != 0) return false;
  d.entry_number = 1;
  d.contents = 0;
  return syscall(SYS_modify_ldt, 0x11, &d, sizeof d) == 0;
}

bool install_handlers() {
  static std::uint8_t signal_stack[1 << 16];
  stack_t stack{};
  stack.ss_sp = signal_stack;
  stack.ss_size = sizeof signal_stack;
  if (sigaltstack(&stack, nullptr) != 0) return false;
  struct sigaction action {};
  sigfillset(&action.sa_mask);
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  action.sa_sigaction = on_signal;
  for (const int signal : {SIGSEGV, SIGBUS, SIGTRAP, SIGFPE, SIGILL})
    if (sigaction(signal, &action, nullptr) != 0) return false;
  action.sa_sigaction = on_enter;
  if (sigaction(SIGUSR1, &action, nullptr) != 0) return false;
  action.sa_sigaction = on_alarm;
  if (sigaction(SIGALRM, &action, nullptr) != 0) return false;
  itimerval timer{};
  timer.it_interval.tv_sec = timer.it_value.tv_sec = 20;
  return setitimer(ITIMER_REAL, &timer, nullptr) == 0;
}

void fill_memory(const UserProgram& p) {
  for (const UserPage& page : kUserPages) {
    std::uint8_t* at = host_of(UserProgram::kOrigin + page.offset);
    mprotect(at, kPage, PROT_READ | PROT_WRITE | PROT_EXEC);
    std::memset(at, 0, kPage);
    if (!page.writable) mprotect(at, kPage, PROT_READ | PROT_EXEC);
  }
  std::memcpy(host_of(UserProgram::kOrigin + ProgramLayout::kCode), p.program.code().data(), p.program.code().size());
}

void run_program() {
  fill_memory(*now.program);
  now.end->events.clear();
  now.end->count = 0;
  now.watched = ~0ull;
  const std::uint16_t data = now.program->data_selector(), none = 0;
  asm volatile("mov %0, %%ds\n\tmov %0, %%es" : : "r"(data));
  raise(SIGUSR1);
  asm volatile("mov %0, %%ds\n\tmov %0, %%es" : : "r"(none));
}

std::string set_up() {
  if (!map_pages()) return "the program's memory cannot be mapped";
  if (!make_segments()) return "the system has no modify_ldt";
  if (!install_handlers()) return "no signal handlers";
  return {};
}

}  // namespace

std::string native_obstacle() {
  static const std::string obstacle = set_up();
  return obstacle;
}

bool native_may_be_flat() {
  std::FILE* maps = std::fopen("/proc/self/maps", "r");
  if (maps == nullptr) return false;
  char line[512];
  bool empty = true;
  while (std::fgets(line, sizeof line, maps) != nullptr) {
    unsigned long long from = 0, to = 0;
    if (std::sscanf(line, "%llx-%llx", &from, &to) != 2 || from >= 1ull << 32) continue;
    empty = empty && from >= UserProgram::kOrigin && to <= UserProgram::kOrigin + UserProgram::kSegmentLimit + 1ull;
  }
  std::fclose(maps);
  return empty;
}

void run_native_stepped(const UserProgram& program, std::uint64_t limit, UserEnd& end, UserEnd& at_last_event) {
  at_last_event = {};
  now = Run{};
  now.program = &program;
  now.stepped = true;
  now.limit = limit;
  now.end = &end;
  now.at_last_event = &at_last_event;
  run_program();
}

void run_native_free(const UserProgram& program, std::size_t events, UserEnd& end) {
  now = Run{};
  now.program = &program;
  now.last_event = events;
  now.end = &end;
  run_program();
}

}  // namespace ringside::test

#else

namespace ringside::test {

std::string native_obstacle() { return "native programs need Linux on an x86-64 processor"; }
bool native_may_be_flat() { return true; }
void run_native_stepped(const UserProgram&, std::uint64_t, UserEnd&, UserEnd&) {}
void run_native_free(const UserProgram&, std::size_t, UserEnd&) {}

}  // namespace ringside::test

#endif

// What two results differ in, and how a case reads.
#pragma once

#include <string>

#include "tests/oracle/case.h"
#include "tests/oracle/form.h"
#include "tests/oracle/generator.h"

namespace ringside::oracle {

/// Parts of a result that may differ.
enum Difference : std::uint32_t {
  kDiffVector = 1, kDiffErrorCode = 2, kDiffCr2 = 4, kDiffEip = 8, kDiffFlags = 16, kDiffRegisters = 32,
  kDiffSegments = 64, kDiffMemory = 128, kDiffStack = 256, kDiffStatus = 512, kDiffXmm = 1024, kDiffMxcsr = 2048,
  kDiffTags = 4096,
  kDiffUlp = 8192,  ///< x87 registers by one unit in the last place at most, and C1; instead of kDiffStack and kDiffStatus
};
/// Difference bits; 0 where they agree. `flags` receives the EFLAGS bits that differ.
std::uint32_t differences(const Case& c, const Result& a, const Result& b, std::uint32_t& flags);
/// True where the case went on into bytes that are no code of its own: they may mean something to a later processor.
bool ran_into_data(const Case& c, const Result& silicon);
/// Whether a case ended with #PF for a page that begins behind the fifteenth byte of the instruction: silicon's fetch may run
/// ahead there, at times, and no instruction reaches so far.
bool fetched_beyond_fifteen(const Result& silicon);
/// True where the code holds, if only inside another instruction, what enters the host's kernel (SYSENTER, SYSCALL, INT
/// 80h: with whatever EAX asks it for), what the kernel emulates, or what tells of the host. Such cases are never run.
bool may_call_the_host(const Case& c);
/// "vector eip flags(CF OF)".
std::string describe_differences(std::uint32_t bits, std::uint32_t flags);
/// As known_failures.txt has them: "vector,eip,flags".
std::string listed_differences(std::uint32_t bits);
/// The initial state and the bytes, for people.
std::string describe(const Case& c);
std::string describe(const Result& r);

}  // namespace ringside::oracle

// The scenario parser: any text is a scenario or a ConfigError.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "debugger/scenario.h"
#include "machine/errors.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

constexpr char kSeed[] =
    "# every action\nwait-serial login: ?$\nwait-screen [a-z]+(b|c){2,5}\ntype root\\n<F1><ctrl-c>\nsend-serial a\\x41\\r\\n\n"
    "run 1000000\nscreenshot a.png\nsnapshot b.snap\nhash\nexpect-hash 0123456789abcdef0123456789abcdef\n"
    "expect-screen \\$ $\nquit\n";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    for (ringside::Action& action : ringside::parse_scenario(text, "fuzz"))
      if (action.pattern) action.pattern->find("ringside login: root\n$ aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabcbc");
  } catch (const ringside::ConfigError&) {
    // said in words
  }
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed) {
  if ((size < 2 || seed % 1024 == 0) && sizeof(kSeed) - 1 <= max_size) {
    std::memcpy(data, kSeed, sizeof(kSeed) - 1);
    size = sizeof(kSeed) - 1;
  }
  return LLVMFuzzerMutate(data, size, max_size);
}

// gdb's packets: whatever a client sends, in whatever state, the stub answers or forgets it, and the machine lives.
//
// An input is a line for each packet; what it holds is framed with a good checksum, but for lines that begin with a
// byte 01h, which go in as they are. Between two of them the machine moves a little.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "debugger/gdb_stub.h"
#include "machine/time_travel.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

constexpr std::size_t kMostPackets = 64;
constexpr unsigned kMostLooks = 2;

constexpr const char* kSeeds[] = {
    "qSupported:swbreak+\nQStartNoAckMode\nqXfer:features:read:target.xml:0,fff\n?\ng\np8\nm7c00,40\nvCont;s:1\nbs\nbc",
    "Z0,fe05b,1\nvCont;c\nz0,fe05b,1\nZ2,400,4\nC05\nZ4,500,100\nc\nbc\nbs\nvCont;rfe000,ff000:1",
    "Qqemu.PhyMemMode:1\nm7c00,10\nM500,2:abcd\nX502,2:zz\nP0=01020304\nG00\nP8=00000000\ns\nD\n?",
    "qRcmd,73746f70206578656320307837633030206966206561783d3d31\nqRcmd,746f207469636b2035303030\nqRcmd,6261636b\nqRcmd,706f696e7473\nk",
    "qRcmd,7374657020\nqRcmd,6469736173\nqRcmd,64756d70203078343030\nqRcmd,73746f702073637265656e20612b28627c63292a\nc",
    "\x01$?#00\n\x01$}#5d\x03\nvCont?\nqC\nqfThreadInfo\nT1\nHg0\nqThreadExtraInfo,1\nvKill;1",
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ringside;
  MachineConfig config;
  config.memory = 1 << 20;
  Machine machine(config);
  TimeTravel time(machine, {.budget = std::size_t{16} << 20, .spacing = 50'000, .index_events = true});
  Debugger debugger(machine, &time);
  GdbStub stub(debugger);
  unsigned looks = 0;
  debugger.set_poll([&] { return ++looks > kMostLooks; });
  stub.attach();
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  for (std::size_t count = 0; count < kMostPackets && !rest.empty(); ++count) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const bool raw = line.starts_with('\x01');
    const std::string bytes = raw ? std::string(line.substr(1)) : GdbPackets::frame(line);
    stub.receive(std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
    looks = 0;
    if (stub.moving()) stub.move(machine.now() + 20'000);
    looks = 0;
    if (stub.client() != GdbStub::Client::kAttached) stub.attach();
    if (stub.take_output().size() > (std::size_t{8} << 20)) __builtin_trap();
  }
  debugger.set_poll({});
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed) {
  if (size < 2 || seed % 512 == 0) {
    const char* text = kSeeds[seed / 512 % std::size(kSeeds)];
    size = std::min(std::strlen(text), max_size);
    std::memcpy(data, text, size);
  }
  return LLVMFuzzerMutate(data, size, max_size);
}

// The gdb stub packet by packet, on the demo guest; gdb itself is in tests/gdb.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "debugger/gdb_packets.h"
#include "debugger/gdb_stub.h"
#include "debugger/gdb_target.h"
#include "debugger/symbols.h"
#include "machine/time_travel.h"

namespace ringside {
namespace {

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

MachineConfig demo_config() {
  MachineConfig config;
  config.memory = 16 << 20;
  config.kernel = std::string(RINGSIDE_GUEST_DIRECTORY) + "/demo/demo.elf";
  return config;
}

class GdbStubTest : public testing::Test {
 protected:
  GdbStubTest() : machine(demo_config()), time(machine), debugger(machine, &time), stub(debugger) {
    debugger.load_symbols(demo_config().kernel);
    stub.attach();
  }
  /// The contents of the packets in what the stub says.
  static std::vector<std::string> packets_in(const std::string& output) {
    GdbPackets reader;
    std::vector<GdbPackets::Event> events;
    for (const char c : output) reader.put(static_cast<std::uint8_t>(c), events);
    std::vector<std::string> texts;
    for (const auto& e : events)
      if (e.kind == GdbPackets::Kind::kPacket) texts.push_back(e.text);
    return texts;
  }
  /// Sends one packet, lets the machine move where that is asked for, and returns the last packet that came back.
  std::string ask(const std::string& text) {
    stub.receive(bytes_of(GdbPackets::frame(text)));
    const Tick limit = machine.now() + 200'000'000;
    while (stub.moving() && machine.now() < limit) stub.move(machine.now() + 10'000'000);
    said = packets_in(stub.take_output());
    return said.empty() ? "(nothing)" : said.back();
  }
  std::string monitor(const std::string& command) {
    std::string text;
    EXPECT_EQ(ask("qRcmd," + to_hex(std::string_view(command))), "OK");
    for (const std::string& packet : said) {
      if (packet.empty() || packet[0] != 'O' || packet == "OK") continue;
      const auto bytes = from_hex(std::string_view(packet).substr(1));
      EXPECT_TRUE(bytes.has_value());
      if (bytes) text.append(bytes->begin(), bytes->end());
    }
    return text;
  }
  std::string hex_of(const std::string& name) {
    char text[16];
    std::snprintf(text, sizeof(text), "%x", debugger.symbols().address_of(name).value_or(0));
    return text;
  }
  std::string name_here() { return debugger.symbols().name_of(machine.cpu().seg[kCS].base + machine.cpu().eip); }

  Machine machine;
  TimeTravel time;
  Debugger debugger;
  GdbStub stub;
  std::vector<std::string> said;
};

TEST_F(GdbStubTest, TellsWhatItIsAndWhere) {
  EXPECT_TRUE(ask("qSupported:multiprocess+;swbreak+").find("ReverseContinue+") != std::string::npos);
  EXPECT_TRUE(ask("?").starts_with("T05"));
  const std::string xml = ask("qXfer:features:read:target.xml:0,fff0");
  ASSERT_EQ(xml[0], 'l');
  EXPECT_EQ(xml.substr(1), gdb::target_xml());
  EXPECT_NE(xml.find("cs_base"), std::string::npos);
  EXPECT_EQ(ask("qXfer:features:read:target.xml:5,3"), "m" + gdb::target_xml().substr(5, 3));
  EXPECT_EQ(ask("qXfer:features:read:target.xml:ffffffff,3"), "E00");
  EXPECT_NE(ask("qXfer:memory-map:read::0,1000").find("type=\"ram\""), std::string::npos);
  EXPECT_EQ(ask("p8"), "f0ffffff");
  EXPECT_EQ(ask("g"), gdb::all_registers(machine.cpu()));
  EXPECT_EQ(ask("pffff"), "E01");
  EXPECT_EQ(ask("qAttached"), "1");
  EXPECT_EQ(ask("qfThreadInfo"), "m1");
  EXPECT_EQ(ask("vMustReplyEmpty"), "");
  EXPECT_EQ(ask(""), "");
}

TEST_F(GdbStubTest, AcknowledgesUntilToldNotTo) {
  stub.receive(bytes_of("$?#3f"));
  EXPECT_EQ(stub.take_output()[0], '+');
  stub.receive(bytes_of("$?#00"));
  EXPECT_EQ(stub.take_output(), "-");
  stub.receive(bytes_of("$?#3f"));
  const std::string once = stub.take_output().substr(1);
  stub.receive(bytes_of("-"));
  EXPECT_EQ(stub.take_output(), once);
  ask("QStartNoAckMode");
  stub.receive(bytes_of("$?#3f"));
  EXPECT_EQ(stub.take_output(), once);
}

TEST_F(GdbStubTest, StopsAtBreakpointsAndGoesBack) {
  EXPECT_EQ(ask("Z0," + hex_of("tasks_init") + ",1"), "OK");
  EXPECT_NE(ask("vCont;c").find("swbreak:;"), std::string::npos);
  EXPECT_EQ(name_here(), "tasks_init");
  EXPECT_EQ(ask("z0," + hex_of("tasks_init") + ",1"), "OK");
  const Moment there = machine.moment();
  EXPECT_TRUE(ask("vCont;s:1").starts_with("T05"));
  EXPECT_EQ(ask("bs").substr(0, 3), "T05");
  EXPECT_EQ(machine.moment(), there);
  EXPECT_EQ(ask("Z1," + hex_of("memory_init") + ",1"), "OK");
  EXPECT_NE(ask("bc").find("hwbreak:;"), std::string::npos);
  EXPECT_EQ(name_here(), "memory_init");
  EXPECT_NE(ask("bc").find("replaylog:begin"), std::string::npos);
  EXPECT_EQ(machine.now(), 0u);
  EXPECT_TRUE(debugger.points().size() == 1u);
  stub.leave();
  EXPECT_TRUE(debugger.points().empty());
}

TEST_F(GdbStubTest, WatchesBothWays) {
  ask("Z0," + hex_of("fault_tour") + ",1");
  ask("c");
  ASSERT_EQ(name_here(), "fault_tour");
  ask("z0," + hex_of("fault_tour") + ",1");
  EXPECT_EQ(ask("Z2," + hex_of("armed") + ",4"), "OK");
  EXPECT_NE(ask("C05").find("watch:" + hex_of("armed")), std::string::npos);
  const Moment written = machine.moment();
  EXPECT_NE(ask("bc").find("watch:" + hex_of("armed")), std::string::npos);
  EXPECT_LT(machine.moment(), written);
  ask("z2," + hex_of("armed") + ",4");
  EXPECT_EQ(ask("Z3," + hex_of("armed") + ",4"), "OK");
  EXPECT_NE(ask("c").find("rwatch:"), std::string::npos);
}

TEST_F(GdbStubTest, RangeStepsStayInTheirRange) {
  ask("Z0," + hex_of("kernel_main") + ",1");
  ask("c");
  const std::uint32_t begin = debugger.symbols().address_of("kernel_main").value_or(0);
  char packet[64];
  std::snprintf(packet, sizeof(packet), "vCont;r%x,%x:1", begin, begin + 6);
  EXPECT_TRUE(ask(packet).starts_with("T05"));
  EXPECT_GE(machine.cpu().eip - begin, 6u);
}

TEST_F(GdbStubTest, ReadsAndWritesMemoryLinearAndPhysical) {
  ask("Z0," + hex_of("tasks_init") + ",1");
  ask("c");
  const std::uint32_t linear = debugger.symbols().address_of("tasks_init").value_or(0);
  PhysAddr physical = 0;
  ASSERT_TRUE(machine.cpu().peek_translate(linear, physical));
  const std::string bytes = ask("m" + hex_of("tasks_init") + ",10");
  EXPECT_EQ(bytes.size(), 32u);
  EXPECT_EQ(ask("mf0000000,4"), "E0e");
  EXPECT_EQ(ask("Qqemu.PhyMemMode:1"), "OK");
  EXPECT_EQ(ask("qqemu.PhyMemMode"), "1");
  char packet[64];
  std::snprintf(packet, sizeof(packet), "m%llx,10", static_cast<unsigned long long>(physical));
  EXPECT_EQ(ask(packet), bytes);
  EXPECT_EQ(ask("mfffffffffff,4"), "E0e");
  EXPECT_EQ(ask("M500,3:010203"), "OK");
  EXPECT_EQ(ask("X503,2:}*"), "OK");
  EXPECT_EQ(ask("m500,5"), "0102037d2a");
  EXPECT_EQ(ask("Mfffffff0,1:00"), "E0e") << "ROM";
  EXPECT_EQ(ask("M500,3:01"), "E16");
  EXPECT_EQ(ask("P0=78563412"), "OK");
  EXPECT_EQ(ask("p0"), "78563412");
  EXPECT_EQ(ask("Pb=00000000"), "E01") << "CS";
  EXPECT_EQ(machine.cpu().gpr[kEAX], 0x12345678u);
  // What was changed by hand is the beginning of what is remembered.
  const Tick now = machine.now();
  EXPECT_NE(ask("bc").find("replaylog:begin"), std::string::npos);
  EXPECT_EQ(machine.now(), now);
}

TEST_F(GdbStubTest, MonitorHasTheWholeVocabulary) {
  EXPECT_NE(monitor("help").find("back-to"), std::string::npos);
  for (const char* point : {"exec kernel_main if eax != 1", "exec phys 0x100000", "exec 8:100000", "read armed 4", "write phys 0x1000 8",
                            "access armed", "port 3f8-3ff", "port read 60", "vector 14", "exception 13", "interrupt", "irq 32", "ring 3",
                            "cr 3", "msr 10", "task", "tick 500", "screen rin+g", "serial log.n"})
    EXPECT_NE(monitor(std::string("stop ") + point).find("0 hits"), std::string::npos) << point;
  EXPECT_EQ(debugger.points().size(), 19u);
  EXPECT_NE(monitor("disable 1").find("disabled"), std::string::npos);
  monitor("ignore 2 5");
  monitor("condition 3 ebx == 1");
  monitor("enable 1");
  EXPECT_EQ(monitor("delete all"), "no points\n");
  EXPECT_NE(monitor("trace exception").find("trace"), std::string::npos);
  EXPECT_NE(monitor("once exec kernel_main").find("0 hits"), std::string::npos);
  EXPECT_TRUE(ask("c").starts_with("T1e"));
  EXPECT_EQ(name_here(), "kernel_main");
  for (const char* command : {"to exec tasks_init", "step", "stepi", "next", "back-step", "back-next", "line", "line-back", "out",
                              "back-to exec memory_init", "back-out", "run 1000", "back", "seek 100000"})
    EXPECT_NE(monitor(command).find("maintenance flush"), std::string::npos) << command;
  for (const char* command : {"regs", "where", "print 1+1", "dump 0x1000 20", "dump phys 0x1000", "disas", "translate 0xc0101000",
                              "history", "events all 3", "points", "help expressions"})
    EXPECT_FALSE(monitor(command).empty()) << command;
  EXPECT_NE(monitor("stop nonsense").find("nothing to stop at"), std::string::npos);
  EXPECT_NE(monitor("stop exec").find("needs an address"), std::string::npos);
  EXPECT_NE(monitor("symbols /nowhere").find("/nowhere"), std::string::npos);
  EXPECT_NE(monitor("\xff").find("no command"), std::string::npos);
  EXPECT_EQ(ask("qRcmd,1"), "E01");
}

TEST_F(GdbStubTest, ExceptionsStopWithTheirSignalAndTheirReason) {
  ask("Z0," + hex_of("fault_tour") + ",1");
  ask("c");
  monitor("stop exception 14");
  EXPECT_TRUE(ask("c").starts_with("T0b"));
  ASSERT_EQ(said.size(), 3u);
  const auto reason = from_hex(std::string_view(said[1]).substr(1));
  EXPECT_NE(std::string(reason->begin(), reason->end()).find("page-directory entry is not present"), std::string::npos);
  EXPECT_TRUE(ask("bs").starts_with("T05"));
}

TEST_F(GdbStubTest, InterruptsARunningMachineOnly) {
  debugger.set_poll([this] { return stub.break_asked(); });
  stub.receive(bytes_of("\x03"));
  stub.receive(bytes_of("$c#63"));
  stub.move(machine.now() + 1000);
  EXPECT_TRUE(stub.moving()) << "what came before is too late";
  stub.receive(bytes_of("$g#67\x03"));
  stub.move(machine.now() + 1'000'000);
  EXPECT_FALSE(stub.moving());
  const auto packets = packets_in(stub.take_output());
  ASSERT_EQ(packets.size(), 2u);
  EXPECT_TRUE(packets[0].starts_with("T02"));
  EXPECT_EQ(packets[1], gdb::all_registers(machine.cpu())) << "what was sent ahead is answered behind the stop";
  debugger.set_poll({});
}

TEST_F(GdbStubTest, DetachesAndTakesAnother) {
  ask("Z0," + hex_of("kernel_main") + ",1");
  ask("QStartNoAckMode");
  EXPECT_EQ(ask("D"), "OK");
  EXPECT_EQ(stub.client(), GdbStub::Client::kDetached);
  EXPECT_EQ(ask("?"), "(nothing)");
  stub.leave();
  stub.attach();
  stub.receive(bytes_of("$?#3f"));
  EXPECT_EQ(stub.take_output()[0], '+');
  ask("k");
  EXPECT_EQ(stub.client(), GdbStub::Client::kKilled);
}

TEST_F(GdbStubTest, EndsOfTheGuestAreEndsOfTheReplay) {
  debugger.run(100'000'000);
  machine.cpu().idtr = {};
  ask("P8=00000000");
  const std::string last = ask("c");
  EXPECT_NE(last.find("replaylog:end"), std::string::npos) << last;
  EXPECT_NE(ask("c").find("replaylog:end"), std::string::npos);
}

TEST_F(GdbStubTest, NonsenseIsAnsweredAndForgotten) {
  for (const char* text : {"m", "m1", "m1,", "mzz,1", "M1,1", "X1,9:a", "Z", "Z9,1,1", "Z0", "Z0,1", "Z2,1,0", "Z2,1,ffffffffff", "z2,1,4",
                           "vCont", "vCont;", "vCont;x", "vCont;r1", "vCont;r1,", "P", "P1", "P1=1", "G00", "p", "b", "bx", "T", "H",
                           "qXfer:", "qXfer:features:read:", "qXfer:features:read:other.xml:0,1", "qXfer:memory-map:read::", "qXfer:threads:read::z",
                           "Qqemu.PhyMemMode:7", "qRcmd,zz", "S", "qThreadExtraInfo,", "\x01\x02", "}", "Z0,100000000,1"}) {
    ask(text);
    EXPECT_FALSE(stub.moving() && std::string(text) != "S") << text;
  }
  std::string flood = "$";
  flood.append(300'000, 'x');
  flood += "#00";
  stub.receive(bytes_of(flood));
  EXPECT_EQ(stub.take_output().back(), '-');
  EXPECT_TRUE(ask("?").starts_with("T"));
}

TEST(GdbStubWithoutHistory, HasNoWayBack) {
  Machine machine(demo_config());
  Debugger debugger(machine);
  GdbStub stub(debugger, "this run is recorded");
  stub.attach();
  const auto ask = [&](const std::string& text) {
    stub.receive(bytes_of(GdbPackets::frame(text)));
    while (stub.moving()) stub.move(machine.now() + 1000);
    return stub.take_output();
  };
  EXPECT_EQ(ask("qSupported").find("Reverse"), std::string::npos);
  EXPECT_NE(ask("bs").find("E01"), std::string::npos);
  EXPECT_NE(ask("bc").find("E01"), std::string::npos);
  EXPECT_NE(ask("P0=00000000").find("E.this run is recorded"), std::string::npos) << "no changes by hand here";
  EXPECT_NE(ask("M500,1:00").find("E.this run is recorded"), std::string::npos);
  const std::string stop = ask("s");
  EXPECT_NE(stop.find("T05"), std::string::npos);
  EXPECT_NE(stop.find(to_hex(std::string_view("this run is recorded"))), std::string::npos);
}

}  // namespace
}  // namespace ringside

// gdb beside the window: the window's machine thread and a client that speaks the protocol, both at one machine. No
// display is needed; window.sh has the window itself and gdb itself.
#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <functional>
#include <thread>

#include "debugger/gdb_packets.h"
#include "debugger/run_control.h"
#include "debugger/symbols.h"
#include "gui/engine.h"
#include "machine/errors.h"
#include "tests/machine/temporary_folder.h"

namespace ringside {
namespace {

constexpr int kSeconds = 60;  // that anything may take on a busy host

/// A client of the protocol.
class Client {
 public:
  explicit Client(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    EXPECT_EQ(::connect(socket_.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(ask("QStartNoAckMode"), "OK");
    say("+");
  }
  void say(const std::string& bytes) { EXPECT_EQ(::send(socket_.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size())); }
  void tell(const std::string& packet) { say(GdbPackets::frame(packet)); }
  /// The next packet that is no console text; empty: none has come, or the connection is over.
  std::string hear() {
    for (;;) {
      while (!events_.empty()) {
        const GdbPackets::Event event = events_.front();
        events_.erase(events_.begin());
        if (event.kind == GdbPackets::Kind::kPacket && (event.text.empty() || event.text[0] != 'O' || event.text == "OK")) return event.text;
      }
      pollfd readable{.fd = socket_.fd(), .events = POLLIN, .revents = 0};
      if (::poll(&readable, 1, kSeconds * 1000) != 1) return "(nothing)";
      std::uint8_t bytes[4096];
      const ssize_t got = ::recv(socket_.fd(), bytes, sizeof(bytes), 0);
      if (got <= 0) return "(the end)";
      for (ssize_t i = 0; i < got; ++i) packets_.put(bytes[i], events_);
    }
  }
  std::string ask(const std::string& packet) {
    tell(packet);
    return hear();
  }

 private:
  Socket socket_;
  GdbPackets packets_;
  std::vector<GdbPackets::Event> events_;
};

class SharedGdbTest : public testing::Test {
 protected:
  static MachineConfig config() {
    MachineConfig config;
    config.memory = 16 << 20;
    config.kernel = std::string(RINGSIDE_GUEST_DIRECTORY) + "/demo/demo.elf";
    return config;
  }
  bool until(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(kSeconds);
    while (std::chrono::steady_clock::now() < end) {
      if (holds()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return false;
  }
  bool runs(bool yes) {
    return until([&] { return engine.status().running == yes && !engine.status().busy; });
  }
  static std::string address_of(const std::string& name) {
    Symbols symbols;
    symbols.load(config().kernel, 0);
    char text[16];
    std::snprintf(text, sizeof(text), "%x", symbols.address_of(name).value_or(0));
    return text;
  }

  TemporaryFolder folder;
  std::string socket = folder.file("gdb");
  Engine engine{config(), SessionOptions{}, "unix:" + socket};
};

TEST_F(SharedGdbTest, NobodyWaitsForGdbAndAClientFindsTheMachineStanding) {
  EXPECT_EQ(engine.gdb_address(), socket);
  engine.run();
  ASSERT_TRUE(runs(true));
  for (int i = 0; i < 20; ++i) {
    Client client(socket);
    EXPECT_TRUE(client.ask("?").starts_with("T05"));
    EXPECT_TRUE(runs(false));
    EXPECT_TRUE(engine.status().gdb);
    const Tick tick = engine.status().moment.tick;
    EXPECT_EQ(client.ask("D"), "OK");
    ASSERT_TRUE(until([&] { return engine.status().running && engine.status().moment.tick > tick; })) << i;
    EXPECT_TRUE(until([&] { return !engine.status().gdb; }));
  }
}

TEST_F(SharedGdbTest, BothSeeWhereTheOtherHasBroughtTheMachine) {
  Client client(socket);
  EXPECT_EQ(client.ask("Z0," + address_of("tasks_init") + ",1"), "OK");
  EXPECT_NE(client.ask("vCont;c").find("swbreak"), std::string::npos);
  ASSERT_TRUE(runs(false));
  EXPECT_NE(engine.status().stop.find("instruction"), std::string::npos) << engine.status().stop;
  const Tick there = engine.status().moment.tick;
  EXPECT_TRUE(client.ask("vCont;s").starts_with("T05"));
  EXPECT_TRUE(until([&] { return engine.status().moment.tick == there + 1; }));
  EXPECT_TRUE(client.ask("bs").starts_with("T05"));
  EXPECT_TRUE(until([&] { return engine.status().moment.tick == there; }));
  EXPECT_EQ(client.ask("z0," + address_of("tasks_init") + ",1"), "OK");
  // What the window does while the client waits is told to it.
  client.tell("vCont;c");
  ASSERT_TRUE(runs(true));
  engine.pause();
  EXPECT_TRUE(client.hear().starts_with("T02"));
  client.tell("vCont;c");
  ASSERT_TRUE(runs(true));
  engine.act(RunAction::kStep);
  EXPECT_TRUE(client.hear().starts_with("T05"));
  client.tell("vCont;c");
  ASSERT_TRUE(runs(true));
  client.say("\x03");
  EXPECT_TRUE(client.hear().starts_with("T02"));
  EXPECT_TRUE(runs(false));
  // A point of the window's.
  StopPointSpec any;
  any.kind = PointKind::kVector;
  client.tell("vCont;c");
  ASSERT_TRUE(runs(true));
  engine.run_to(any);
  EXPECT_TRUE(client.hear().starts_with("T1e"));
  EXPECT_TRUE(runs(false));
}

TEST_F(SharedGdbTest, AnotherMachineInTheSamePlaceKeepsTheClient) {
  Client client(socket);
  const std::string point = "Z1," + address_of("tasks_init") + ",1";
  EXPECT_EQ(client.ask(point), "OK");
  EXPECT_NE(client.ask("vCont;c").find("hwbreak"), std::string::npos);
  client.tell("vCont;c");
  ASSERT_TRUE(runs(true));
  engine.power_cycle();
  EXPECT_TRUE(client.hear().starts_with("T02"));
  EXPECT_TRUE(until([&] { return engine.status().moment.tick == 0; }));
  EXPECT_EQ(client.ask("p8"), "f0ffffff");
  EXPECT_NE(client.ask("vCont;c").find("hwbreak"), std::string::npos) << "the point is wanted still";
  // One that cannot be built: everything is as it was.
  engine.replace([](Session& session) { session.open("/no/such/file"); }, "");
  ASSERT_TRUE(engine.settle(kSeconds * 1000));
  EXPECT_TRUE(client.ask("vCont;s").starts_with("T05"));
  EXPECT_EQ(client.ask("D"), "OK");
  EXPECT_TRUE(runs(true));
}

TEST_F(SharedGdbTest, WhoVanishesOrKillsLeavesTheWindowItsMachine) {
  {
    Client client(socket);
    client.tell("vCont;c");
    ASSERT_TRUE(runs(true));
  }
  EXPECT_TRUE(until([&] { return !engine.status().gdb; }));
  EXPECT_TRUE(engine.status().running) << "it waited for a running machine, which runs on";
  {
    Client client(socket);
    EXPECT_TRUE(runs(false));
  }
  EXPECT_TRUE(until([&] { return !engine.status().gdb; }));
  EXPECT_FALSE(engine.status().running) << "it has left a machine that stood";
  {
    Client client(socket);
    client.tell("vCont;c");
    ASSERT_TRUE(runs(true));
    client.say("\x03");
    EXPECT_TRUE(client.hear().starts_with("T02"));
    EXPECT_EQ(client.ask("vKill;1"), "OK");
  }
  EXPECT_TRUE(until([&] { return !engine.status().gdb; }));
  EXPECT_FALSE(engine.status().running);
  engine.run();
  EXPECT_TRUE(runs(true));
}

TEST_F(SharedGdbTest, ChangesByHandAreSeenAndRefusedWhereTheSessionIsRecorded) {
  Client client(socket);
  const std::uint64_t stops = engine.status().stops;
  EXPECT_EQ(client.ask("M500,2:1234"), "OK");
  EXPECT_EQ(client.ask("m500,2"), "1234");
  EXPECT_TRUE(until([&] { return engine.status().stops > stops; })) << "the window looks again";
  const std::string file = folder.file("session.rec");
  engine.post([file](Session& session) { session.record(file); });
  ASSERT_TRUE(engine.settle(kSeconds * 1000));
  EXPECT_TRUE(client.ask("M500,2:5678").starts_with("E.the session is recorded"));
  EXPECT_EQ(client.ask("m500,2"), "1234");
  // A long search backwards can be given up, by either side.
  EXPECT_EQ(client.ask("Z0,12345678,1"), "OK");
  client.tell("vCont;c");
  ASSERT_TRUE(runs(true));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  client.say("\x03");
  EXPECT_TRUE(client.hear().starts_with("T02"));
  client.tell("bc");
  engine.pause();
  EXPECT_TRUE(client.hear().starts_with("T0"));
}

// A person types, gdb goes back in front of that and on again, a new future begins: what was recorded meanwhile replays.
TEST_F(SharedGdbTest, ARecordedSessionThatGdbHasMovedReplays) {
  const std::string file = folder.file("moved.rec");
  engine.post([file](Session& session) { session.record(file); });
  Client client(socket);
  const auto run_for_a_while = [&] {
    const Tick tick = engine.status().moment.tick;
    client.tell("vCont;c");
    ASSERT_TRUE(until([&] { return engine.status().moment.tick > tick + 3'000'000; }));
    client.say("\x03");
    ASSERT_TRUE(client.hear().starts_with("T02"));
  };
  run_for_a_while();
  engine.input([](Session& session) { return session.key(KeyCode::kA, true) && session.key(KeyCode::kA, false); });
  run_for_a_while();
  EXPECT_EQ(client.ask("Z0,12345678,1"), "OK");
  EXPECT_NE(client.ask("bc").find("replaylog:begin"), std::string::npos);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(client.ask("vCont;s").starts_with("T05"));
  run_for_a_while();
  EXPECT_TRUE(client.ask("bs").starts_with("T05"));
  engine.post([](Session& session) {
    session.start_new_future();
    session.key(KeyCode::kB, true);
  });
  run_for_a_while();
  engine.post([](Session& session) { session.end_recording(); });
  ASSERT_TRUE(engine.settle(kSeconds * 1000));
  RunOptions options;
  options.serial = "none";
  RunControl control(RunOrigin::replayed(file), options);
  const RunOutcome outcome = control.run();
  EXPECT_EQ(outcome.exit_code, kExitOk) << outcome.message << outcome.explanation;
  EXPECT_EQ(outcome.stop_reason, "replay-end");
}

TEST(SharedGdb, AnAddressThatIsNoneIsRefused) {
  MachineConfig config;
  config.memory = 2 << 20;
  EXPECT_THROW(Engine(config, SessionOptions{}, "nonsense"), ConfigError);
}

}  // namespace
}  // namespace ringside

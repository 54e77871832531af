// Registers, the transmitter and its interrupt.
#include "tests/devices/uart_bench.h"

namespace ringside {
namespace {

TEST_F(Uart, MasterReset) {
  uart.reset();
  EXPECT_EQ(b.in(kIer), 0x00u);
  EXPECT_EQ(b.in(kIir), 0x01u);
  EXPECT_EQ(b.in(kLcr), 0x00u);
  EXPECT_EQ(b.in(kMcr), 0x00u);
  EXPECT_EQ(b.in(kLsr), 0x60u);
  EXPECT_EQ(b.in(kMsr), 0xB0u) << "the far end is there: DCD, DSR, CTS";
  EXPECT_FALSE(line());
}

TEST_F(Uart, RegistersKeepTheirBits) {
  for (unsigned v : {0x00u, 0x55u, 0xAAu, 0xFFu}) {
    b.out(kScr, v);
    EXPECT_EQ(b.in(kScr), v);
    b.out(kIer, v);
    EXPECT_EQ(b.in(kIer), v & 0x0F);
    b.out(kMcr, v);
    EXPECT_EQ(b.in(kMcr), v & 0x1F);
    b.out(kLcr, v);
    EXPECT_EQ(b.in(kLcr), v);
    b.out(kLcr, 0x03);
  }
  b.out(kLsr, 0xFF);
  EXPECT_EQ(b.in(kLsr)&0x9E, 0u) << "LSR is not for writing";
}

TEST_F(Uart, DivisorLatch) {
  b.out(kIer, 0x05);
  program(0x1234, 0x83);
  EXPECT_EQ(b.in(kData), 0x34u);
  EXPECT_EQ(b.in(kIer), 0x12u);
  b.out(kLcr, 0x03);
  EXPECT_EQ(b.in(kIer), 0x05u);
  EXPECT_EQ(uart.state().divisor, 0x1234);
}

TEST_F(Uart, FifoBitsShowInIir) {
  EXPECT_EQ(b.in(kIir), 0x01u);
  b.out(kFcr, 0x01);
  EXPECT_EQ(b.in(kIir), 0xC1u);
  b.out(kFcr, 0xC0);
  EXPECT_EQ(b.in(kIir), 0x01u);
  EXPECT_EQ(uart.state().fcr, 0) << "the other bits count only together with bit 0";
}

TEST_F(Uart, TransmitsOneCharacterInItsTime) {
  b.out(kData, 'A');
  EXPECT_EQ(sink.text, "A");
  EXPECT_EQ(b.in(kLsr)&0x60, 0x20u) << "THR is empty again, the shift register is not";
  clocks(kCharacter - 1);
  EXPECT_EQ(b.in(kLsr)&0x60, 0x20u);
  clocks(1);
  EXPECT_EQ(b.in(kLsr)&0x60, 0x60u);
}

TEST_F(Uart, SecondCharacterWaitsInThr) {
  b.out(kData, 'A');
  b.out(kData, 'B');
  EXPECT_EQ(b.in(kLsr)&0x60, 0x00u);
  EXPECT_EQ(sink.text, "A");
  clocks(kCharacter);
  EXPECT_EQ(sink.text, "AB");
  EXPECT_EQ(b.in(kLsr)&0x60, 0x20u);
  clocks(kCharacter);
  EXPECT_EQ(b.in(kLsr)&0x60, 0x60u);
}

TEST_F(Uart, CharacterTimeFollowsFormatAndDivisor) {
  struct {
    unsigned divisor, lcr;
    std::uint64_t clocks;
  } const formats[] = {
      {1, 0x03, 160},    // 8N1
      {1, 0x07, 176},    // 8N2
      {1, 0x0B, 176},    // 8O1
      {1, 0x1F, 192},    // 8E2
      {1, 0x00, 112},    // 5N1
      {1, 0x04, 120},    // 5N1.5
      {1, 0x02, 144},    // 7N1
      {12, 0x03, 1920},  // 9600
      {0xFFFF, 0x03, 160 * 0xFFFFull},
      {0, 0x03, 160},  // undefined; taken as 1
  };
  for (const auto& f : formats) {
    program(f.divisor, f.lcr);
    b.out(kData, 'x');
    clocks(f.clocks - 1);
    EXPECT_EQ(b.in(kLsr)&0x40, 0u) << f.divisor << " " << f.lcr;
    clocks(1);
    EXPECT_EQ(b.in(kLsr)&0x40, 0x40u) << f.divisor << " " << f.lcr;
  }
}

TEST_F(Uart, WordLengthMasksTheCharacter) {
  program(1, 0x02);
  b.out(kData, 0xC1);
  EXPECT_EQ(sink.text, "\x41");
}

TEST_F(Uart, TransmitFifoTakesSixteen) {
  fifos();
  for (char c = 'a'; c < 'a' + 17; ++c) b.out(kData, static_cast<std::uint8_t>(c));
  EXPECT_TRUE(b.log.lints.empty()) << "one in the shift register and sixteen behind it";
  b.out(kData, '!');
  EXPECT_EQ(b.log.lints.size(), 1u);
  characters(15);
  EXPECT_EQ(b.in(kLsr)&0x20, 0x00u);
  characters(1);
  EXPECT_EQ(b.in(kLsr)&0x60, 0x20u) << "THRE when the FIFO is empty";
  characters(1);
  EXPECT_EQ(b.in(kLsr)&0x60, 0x60u);
  EXPECT_EQ(sink.text, "abcdefghijklmnopq");
}

TEST_F(Uart, BackToBackCharactersDoNotDrift) {
  fifos();
  std::string sent;
  for (int burst = 0; burst < 100; ++burst) {
    while (uart.state().tx_count < 16) {
      const char c = static_cast<char>('a' + sent.size() % 26);
      b.out(kData, static_cast<std::uint8_t>(c));
      sent.push_back(c);
    }
    characters(10);
  }
  b.run_to_cycle(sent.size() * kCharacter - 1, kHz);
  EXPECT_EQ(b.in(kLsr)&0x40, 0u);
  b.run_to_cycle(sent.size() * kCharacter, kHz);
  EXPECT_EQ(b.in(kLsr)&0x40, 0x40u);
  EXPECT_EQ(sink.text, sent);
  EXPECT_EQ(b.events_run, sent.size()) << "one event per character";
}

TEST_F(Uart, ClearingTheTransmitFifoKeepsTheShiftRegister) {
  fifos();
  for (const char c : std::string("abcd")) b.out(kData, static_cast<std::uint8_t>(c));
  b.out(kFcr, 0x05);
  EXPECT_EQ(b.in(kLsr)&0x60, 0x20u);
  characters(5);
  EXPECT_EQ(sink.text, "a");
}

TEST_F(Uart, BreakSendsNoCharacters) {
  program(1, 0x43);
  b.out(kData, 'x');
  characters(1);
  EXPECT_EQ(sink.text, "");
}

TEST_F(Uart, TransmitterInterrupt) {
  interrupts(0x02);
  EXPECT_TRUE(line()) << "enabling it with an empty THR";
  EXPECT_EQ(uart.peek(2) & 0x0F, 0x02);
  EXPECT_TRUE(line()) << "a peek clears nothing";
  EXPECT_EQ(iir(), 0x02u);
  EXPECT_FALSE(line()) << "reading IIR clears it";
  EXPECT_EQ(iir(), 0x01u);
  b.out(kData, 'a');
  EXPECT_TRUE(line()) << "THR went to the shift register at once";
  b.out(kData, 'b');
  EXPECT_FALSE(line()) << "writing THR clears it";
  characters(1);
  EXPECT_TRUE(line());
  EXPECT_EQ(iir(), 0x02u);
  b.out(kIer, 0x00);
  b.out(kIer, 0x02);
  EXPECT_EQ(iir(), 0x02u) << "and enabling it anew raises it again";
}

TEST_F(Uart, TransmitterInterruptMakesAnEdgeForEveryCharacter) {
  interrupts(0x02);
  const unsigned before = b.irqs.rises[4];
  b.out(kData, 'a');
  EXPECT_EQ(b.irqs.rises[4], before + 1) << "the line fell in between";
}

TEST_F(Uart, FifoTransmitterInterruptOnlyWhenEmpty) {
  fifos();
  interrupts(0x02);
  iir();
  for (int i = 0; i < 10; ++i) b.out(kData, 'x');
  EXPECT_FALSE(line());
  characters(8);
  EXPECT_FALSE(line());
  characters(1);
  EXPECT_TRUE(line());
  EXPECT_EQ(b.in(kIir), 0xC2u);
}

TEST_F(Uart, Out2GatesTheInterrupt) {
  b.out(kIer, 0x02);
  EXPECT_EQ(uart.peek(2) & 0x0F, 0x02);
  EXPECT_FALSE(line());
  b.out(kMcr, 0x08);
  EXPECT_TRUE(line());
  b.out(kMcr, 0x18);
  EXPECT_FALSE(line()) << "loopback holds OUT2 inactive";
  b.out(kMcr, 0x00);
  EXPECT_FALSE(line());
}

}  // namespace
}  // namespace ringside

// The chips: interrupt controllers, timer, keyboard; and the ways to end a session.
#include "kernel.h"

enum { PIC1 = 0x20, PIC2 = 0xA0, PIC_EOI = 0x20 };
enum { PIT_CHANNEL0 = 0x40, PIT_COMMAND = 0x43, PIT_CLOCK = 1193182 };
enum { KBC_DATA = 0x60, KBC_STATUS = 0x64, KBC_OUTPUT_FULL = 1 };
enum { IRQ_TIMER = 0, IRQ_KEYBOARD = 1, IRQ_CASCADE = 2, IRQ_COM1 = 4 };
enum { PM1A_CONTROL = 0x604, PM1_SLEEP_ENABLE = 1 << 13, DEBUG_EXIT = 0xF4 };

volatile uint32_t ticks;

// At reset the first 8259A delivers IRQ 0 to 7 as vectors 8 to 15, which the 286 gave to exceptions.
static void pic_init(void) {
  out8(PIC1, 0x11);                         // ICW1: edge-triggered, cascaded, ICW4 follows
  out8(PIC2, 0x11);
  out8(PIC1 + 1, VEC_IRQ0);                 // ICW2: the first vector
  out8(PIC2 + 1, VEC_IRQ0 + 8);
  out8(PIC1 + 1, 1 << IRQ_CASCADE);         // ICW3: the second one hangs on line 2
  out8(PIC2 + 1, IRQ_CASCADE);
  out8(PIC1 + 1, 0x01);                     // ICW4: 8086 mode, EOI by command
  out8(PIC2 + 1, 0x01);
  out8(PIC1 + 1, (uint8_t)~(1 << IRQ_TIMER | 1 << IRQ_KEYBOARD | 1 << IRQ_COM1));   // OCW1: the mask
  out8(PIC2 + 1, 0xFF);
}

static void pit_init(void) {
  const uint16_t divisor = (PIT_CLOCK + TIMER_HZ / 2) / TIMER_HZ;
  out8(PIT_COMMAND, 0x34);                  // channel 0, low byte then high byte, mode 2: rate generator
  out8(PIT_CHANNEL0, divisor & 0xFF);
  out8(PIT_CHANNEL0, divisor >> 8);
}

// --- Input -------------------------------------------------------------------------------------------------

static char input[64];
static unsigned input_head, input_tail;

static void input_put(char c) {
  unsigned next = (input_head + 1) % sizeof input;
  if (next == input_tail) return;           // full: the typist is faster than the shell
  input[input_head] = c;
  input_head = next;
}

int read_key(void) {
  uint32_t flags = interrupts_off();
  int c = -1;
  if (input_tail != input_head) {
    c = (uint8_t)input[input_tail];
    input_tail = (input_tail + 1) % sizeof input;
  }
  interrupts_restore(flags);
  return c;
}

// Scan code set 1 (the 8042 translates), US layout. A zero is a key that types nothing.
static const char plain_keys[0x3A] = "\0\0331234567890-=\b\tqwertyuiop[]\n\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const char shift_keys[0x3A] = "\0\033!@#$%^&*()_+\b\tQWERTYUIOP{}\n\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";

static void keyboard_interrupt(void) {
  static int shift, control, capitals, extended;
  enum { LEFT_SHIFT = 0x2A, RIGHT_SHIFT = 0x36, CONTROL = 0x1D, CAPS_LOCK = 0x3A, EXTENDED = 0xE0, RELEASED = 0x80 };
  if (!(in8(KBC_STATUS) & KBC_OUTPUT_FULL)) return;
  uint8_t code = in8(KBC_DATA);
  if (code == EXTENDED) { extended = 1; return; }
  int pressed = !(code & RELEASED), was_extended = extended;
  extended = 0;
  code &= 0x7F;
  if (code == CONTROL) { control = pressed; return; }
  if (was_extended && code != 0x1C && code != 0x35) return;   // of the grey keys, only Enter and / type something
  if (code == LEFT_SHIFT || code == RIGHT_SHIFT) { shift = pressed; return; }
  if (!pressed) return;
  if (code == CAPS_LOCK) { capitals = !capitals; return; }
  if (code >= sizeof plain_keys) return;
  char c = plain_keys[code];
  int letter = c >= 'a' && c <= 'z';
  if (control && letter) c = (char)(c - 'a' + 1);
  else if (letter ? shift != capitals : shift) c = shift_keys[code];
  if (c) input_put(c);
}

static void serial_interrupt(void) {
  for (int c; (c = serial_receive()) >= 0;) input_put(c == '\r' ? '\n' : c == 0x7F ? '\b' : (char)c);
}

void device_interrupt(unsigned line) {
  // End of interrupt before the work: the timer's work may switch to another task and come back much later.
  // IF is clear meanwhile, so nothing nests.
  if (line >= 8) out8(PIC2, PIC_EOI);
  out8(PIC1, PIC_EOI);
  switch (line) {
    case IRQ_TIMER: timer_tick(); break;
    case IRQ_KEYBOARD: keyboard_interrupt(); break;
    case IRQ_COM1: serial_interrupt(); break;
    default: break;                         // lines 7 and 15 also come unasked, when a request vanishes too soon
  }
  if (input_head != input_tail) wake_shell();
  leave_idle();
}

void devices_init(void) {
  pic_init();
  pit_init();
  while (in8(KBC_STATUS) & KBC_OUTPUT_FULL) in8(KBC_DATA);    // an old byte would block the next interrupt
}

// --- Ends --------------------------------------------------------------------------------------------------

void machine_reboot(void) {
  interrupts_off();
  out8(KBC_STATUS, 0xFE);                   // pulse the 8042's output line 0, which is the processor's reset
  for (;;) __asm__ volatile("hlt");
}

// ACPI's soft-off, with the values that the PIIX4 of a "PC" machine uses (a real kernel takes port and value from
// the FADT and the DSDT).
void machine_power_off(void) {
  out16(PM1A_CONTROL, PM1_SLEEP_ENABLE);
  print("No ACPI at port 604h. It is now safe to turn off your computer.\n");
  for (;;) __asm__ volatile("cli; hlt");
}

void machine_exit(uint8_t code) { out8(DEBUG_EXIT, code); }

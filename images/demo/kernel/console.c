// The console: VGA text memory, 80 x 25 cells of a character and an attribute (low nibble foreground, high
// nibble background). Row 0 is a status bar; the others scroll, and what they show goes to COM1 as well.
#include "kernel.h"

enum { COLUMNS = 80, ROWS = 25, FIRST_ROW = 1 };
enum { CRTC_INDEX = 0x3D4, CRTC_DATA = 0x3D5, CURSOR_START = 0x0A, CURSOR_HIGH = 0x0E, CURSOR_LOW = 0x0F };

static uint16_t *const screen = (uint16_t *)(KERNEL_BASE + 0xB8000);
static unsigned row = FIRST_ROW, column;
static uint8_t attribute = GREY;

static uint16_t cell(char c, uint8_t colour) { return (uint16_t)((uint8_t)c | colour << 8); }

static void crtc(uint8_t index, uint8_t value) {
  out8(CRTC_INDEX, index);
  out8(CRTC_DATA, value);
}

static void place_cursor(void) {
  uint16_t position = (uint16_t)(row * COLUMNS + column);
  crtc(CURSOR_HIGH, (uint8_t)(position >> 8));
  crtc(CURSOR_LOW, (uint8_t)position);
}

static void scroll(void) {
  memcpy(screen + FIRST_ROW * COLUMNS, screen + (FIRST_ROW + 1) * COLUMNS, (ROWS - 1 - FIRST_ROW) * COLUMNS * 2);
  for (unsigned i = 0; i < COLUMNS; i++) screen[(ROWS - 1) * COLUMNS + i] = cell(' ', GREY);
  row = ROWS - 1;
}

static void new_line(void) {
  column = 0;
  if (++row == ROWS) scroll();
}

static void put(char c) {
  switch (c) {
    case '\n': new_line(); break;
    case '\r': column = 0; break;
    case '\b': if (column) column--; break;
    case '\t': do put(' '); while (column % 8); break;
    default:
      if (column == COLUMNS) new_line();
      screen[row * COLUMNS + column++] = cell(c, attribute);
  }
}

void console_clear(void) {
  for (unsigned i = FIRST_ROW * COLUMNS; i < ROWS * COLUMNS; i++) screen[i] = cell(' ', GREY);
  row = FIRST_ROW;
  column = 0;
  place_cursor();
}

void console_init(void) {
  serial_init();
  crtc(CURSOR_START, 14);               // a cursor of the two lowest scan lines
  console_clear();
  status_bar(" Ringside demo");
}

void console_colour(uint8_t colour) { attribute = colour; }

// One call is never interrupted, so lines of different tasks stay whole.
void console_write(const char *text, size_t length) {
  uint32_t flags = interrupts_off();
  for (size_t i = 0; i < length; i++) put(text[i]);
  place_cursor();
  serial_write(text, length);
  interrupts_restore(flags);
}

void print(const char *format, ...) {
  char line[256];
  va_list arguments;
  va_start(arguments, format);
  size_t length = format_text(line, sizeof line, format, arguments);
  va_end(arguments);
  console_write(line, length);
}

void status_bar(const char *format, ...) {
  char line[COLUMNS];
  va_list arguments;
  va_start(arguments, format);
  size_t length = format_text(line, sizeof line, format, arguments);
  va_end(arguments);
  for (unsigned i = 0; i < COLUMNS; i++) screen[i] = cell(i < length ? line[i] : ' ', BAR);
}

// --- COM1, a 16550A ----------------------------------------------------------------------------------------

enum { COM1 = 0x3F8, UART_DATA = 0, UART_IER = 1, UART_FCR = 2, UART_LCR = 3, UART_MCR = 4, UART_LSR = 5 };
enum { LSR_DATA_READY = 1, LSR_THR_EMPTY = 0x20, LCR_DLAB = 0x80, LCR_8N1 = 3 };

void serial_init(void) {
  out8(COM1 + UART_IER, 0);
  out8(COM1 + UART_LCR, LCR_DLAB);      // the first two registers are now the divisor of 115200 baud
  out8(COM1 + UART_DATA, 1);
  out8(COM1 + UART_IER, 0);
  out8(COM1 + UART_LCR, LCR_8N1);
  out8(COM1 + UART_FCR, 0x07);          // FIFOs on and empty, interrupt at the first byte
  out8(COM1 + UART_MCR, 0x0B);          // DTR, RTS, and OUT2, which on a PC lets the interrupt through
  out8(COM1 + UART_IER, 1);             // interrupt when a byte has arrived
}

static void serial_put(char c) {
  while (!(in8(COM1 + UART_LSR) & LSR_THR_EMPTY)) {}
  out8(COM1 + UART_DATA, (uint8_t)c);
}

void serial_write(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (text[i] == '\n') serial_put('\r');
    serial_put(text[i]);
  }
}

int serial_receive(void) { return in8(COM1 + UART_LSR) & LSR_DATA_READY ? in8(COM1 + UART_DATA) : -1; }

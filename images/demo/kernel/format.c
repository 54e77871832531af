// Text: a small printf, and the two functions that compilers call without being asked.
#include "kernel.h"

void *memcpy(void *to, const void *from, size_t size) {
  void *result = to;
  __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size)::"memory");
  return result;
}

void *memset(void *to, int value, size_t size) {
  void *result = to;
  __asm__ volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(value) : "memory");
  return result;
}

size_t text_length(const char *text) {
  size_t length = 0;
  while (text[length]) length++;
  return length;
}

int text_equal(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

struct buffer {
  char *out;
  size_t size, used;
};

static void put(struct buffer *buffer, char c) {
  if (buffer->used < buffer->size) buffer->out[buffer->used++] = c;
}

// Pads on the left with `fill`, or on the right with spaces when width is negative.
static void put_field(struct buffer *buffer, const char *text, size_t length, int width, char fill) {
  for (int i = (int)length; i < width; i++) put(buffer, fill);
  for (size_t i = 0; i < length; i++) put(buffer, text[i]);
  for (int i = (int)length; i < -width; i++) put(buffer, ' ');
}

static void put_number(struct buffer *buffer, uint32_t value, uint32_t base, int negative, int width, char fill) {
  char digits[12];
  size_t at = sizeof digits;
  do {
    digits[--at] = "0123456789ABCDEF"[value % base];
    value /= base;
  } while (value);
  if (negative) digits[--at] = '-';
  put_field(buffer, digits + at, sizeof digits - at, width, fill);
}

// %d %u %x %X %s %c %%, with width, `-` and `0`. Hexadecimal is upper case, as in the manuals.
size_t format_text(char *out, size_t size, const char *format, va_list arguments) {
  struct buffer buffer = {out, size, 0};
  for (; *format; format++) {
    if (*format != '%') { put(&buffer, *format); continue; }
    int left = 0, width = 0;
    char fill = ' ';
    format++;
    if (*format == '-') left = 1, format++;
    if (*format == '0') fill = '0', format++;
    while (*format >= '0' && *format <= '9') width = width * 10 + (*format++ - '0');
    if (left) width = -width;
    switch (*format) {
      case 'd': {
        int value = va_arg(arguments, int);
        put_number(&buffer, value < 0 ? 0u - (uint32_t)value : (uint32_t)value, 10, value < 0, width, fill);
        break;
      }
      case 'u': put_number(&buffer, va_arg(arguments, uint32_t), 10, 0, width, fill); break;
      case 'x':
      case 'X': put_number(&buffer, va_arg(arguments, uint32_t), 16, 0, width, fill); break;
      case 's': {
        const char *text = va_arg(arguments, const char *);
        put_field(&buffer, text, text_length(text), width, ' ');
        break;
      }
      case 'c': put(&buffer, (char)va_arg(arguments, int)); break;
      case '\0': return buffer.used;
      default: put(&buffer, *format);
    }
  }
  return buffer.used;
}

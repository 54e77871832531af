// The two processes. They know nothing of each other and never give the processor away while they compute;
// that both progress is the timer's doing.
#include "system.h"

struct line {
  char text[80];
  uint32_t used;
};

static void add_text(struct line *line, const char *text) {
  while (*text && line->used < sizeof line->text) line->text[line->used++] = *text++;
}

static void add_number(struct line *line, uint32_t value) {
  char digits[11];
  uint32_t at = sizeof digits - 1;
  digits[at] = '\0';
  do digits[--at] = (char)('0' + value % 10); while (value /= 10);
  add_text(line, digits + at);
}

static void say(const char *before, uint32_t a, const char *between, uint32_t b) {
  struct line line;
  line.used = 0;
  add_text(&line, "  process ");
  add_number(&line, getpid());
  add_text(&line, before);
  add_number(&line, a);
  add_text(&line, between);
  add_number(&line, b);
  add_text(&line, "\n");
  write(line.text, line.used);
}

static int is_prime(uint32_t n) {
  if (n % 2 == 0) return n == 2;
  for (uint32_t d = 3; d * d <= n; d += 2)
    if (n % d == 0) return 0;
  return n > 1;
}

void program_primes(void) {
  uint32_t found = 0, n = 0, milestone = 1000;
  while (milestone <= 100000) {
    for (; n < milestone; n++) found += (uint32_t)is_prime(n);
    report(found);
    say(": ", found, " primes below ", milestone);
    milestone *= 10;
  }
  for (;;) {                              // from now on at leisure, so that the processor can rest
    sleep(50);
    for (milestone = n + 1000; n < milestone; n++) found += (uint32_t)is_prime(n);
    report(found);
  }
}

static uint32_t collatz_steps(uint32_t n) {
  uint32_t steps = 0;
  for (; n != 1; steps++) n = n % 2 ? 3 * n + 1 : n / 2;
  return steps;
}

void program_collatz(void) {
  uint32_t longest = 0, start = 0, n = 1, milestone = 100;
  if (write((const char *)0xC0100000, 16) != SYSTEM_ERROR) exit(1);   // the kernel must not read its memory for us
  while (milestone <= 100000) {
    for (; n < milestone; n++) {
      uint32_t steps = collatz_steps(n);
      if (steps > longest) longest = steps, start = n;
    }
    report(longest);
    say(": collatz chain of ", longest, " steps from ", start);
    milestone *= 10;
  }
  say(": the kernel adds 40000 and 2, giving ", sum(40000, 2), ", for process ", getpid());
  for (;;) {
    sleep(100);
    yield();
  }
}

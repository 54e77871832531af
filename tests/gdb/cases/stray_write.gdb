# The way to a mistake: a breakpoint in a C function, a watchpoint on a variable, the page fault, and back to its cause.
break set_scores
continue
backtrace
print round
delete
watch rounds if rounds == 100
continue
print ticks > 20
print letters
delete
monitor stop exception 14
continue
print/x $cr2
reverse-stepi
backtrace
print/x name
monitor delete all
watch player.name
reverse-continue
backtrace
print i
list
reverse-continue
print player.name
kill

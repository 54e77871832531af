# Every way back, with a timer that interrupts all the time.
break work
continue
delete
next
next
print rounds
reverse-next
print rounds
break add_scores if rounds == 5000
continue
delete
print ticks > 0
reverse-finish
backtrace 2
step
finish
reverse-step
backtrace 2
reverse-finish
reverse-step
print rounds
reverse-next
print rounds
set $there = $tick
stepi
stepi
stepi
stepi
stepi
reverse-stepi
reverse-stepi
reverse-stepi
reverse-stepi
reverse-stepi
print $tick - $there
reverse-continue
print $tick
print/x $pc
reverse-stepi
break work
continue
print rounds
delete
continue
print $eflags
reverse-stepi
x/i $pc
kill

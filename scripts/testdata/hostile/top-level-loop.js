class Script {}
for (;;);

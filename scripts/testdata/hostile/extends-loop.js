class Script extends (() => { for (;;); })() {}

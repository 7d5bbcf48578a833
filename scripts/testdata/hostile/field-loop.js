class Script {
  field = (() => { for (;;); })();
}

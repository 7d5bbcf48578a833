class Script {
  static { for (;;); }
}

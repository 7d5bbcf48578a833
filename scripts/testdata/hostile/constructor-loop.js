class Script {
  constructor() { for (;;); }
}

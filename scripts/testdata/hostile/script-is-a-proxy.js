const Script = new Proxy(function () {}, { construct() { for (;;); }, get() { for (;;); } });

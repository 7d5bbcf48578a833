module.exports = new Proxy(class {}, { get() { for (;;); }, construct() { for (;;); }, has() { for (;;); } });

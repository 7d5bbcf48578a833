Object.defineProperty(globalThis, 'Script', { get() { for (;;); } });

/** `node --import` loads this before a process that is to stall: SIGUSR2 holds its loop for as long as that says. */
const ms = Number(process.env.KEPT_TEST_STALL_MS);
process.on('SIGUSR2', () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms));

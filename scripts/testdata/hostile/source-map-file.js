class Script { process_incoming_request() { throw new Error('mapped'); } }
//# sourceMappingURL=file:///etc/passwd

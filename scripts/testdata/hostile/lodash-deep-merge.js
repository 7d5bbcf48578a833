class Script {
  process_incoming_request({ request }) {
    let deep = {};
    for (let i = 0; i < 1e5; i++) deep = { deep };
    return _.cloneDeep(_.merge({}, deep, deep));
  }
}

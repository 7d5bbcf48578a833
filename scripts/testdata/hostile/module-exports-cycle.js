module.exports = module;
module.exports.exports = module.exports;
exports.Script = exports;

// Makes the three members a replica set where they are none yet, and ends once one is primary.
// Doing it again changes nothing.
try {
  rs.status();
} catch (e) {
  if (e.codeName !== 'NotYetInitialized') throw e;
  rs.initiate({
    _id: 'grapnel',
    members: [
      { _id: 0, host: 'mongo1:27017' },
      { _id: 1, host: 'mongo2:27017' },
      { _id: 2, host: 'mongo3:27017' },
    ],
  });
}
let left = 60;
while (!rs.status().members.some((member) => member.stateStr === 'PRIMARY')) {
  if (left-- === 0) throw new Error('no member became primary within a minute');
  sleep(1000);
}

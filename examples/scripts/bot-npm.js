// Looks a package up: whoever writes "npm lodash" is told its version and what it is for.
//
// An outgoing integration for messages, with the trigger word "npm" and the URL
// https://registry.npmjs.org (prepare_outgoing_request adds the package's name).

class Script {
  // Makes the call from the message, or none.
  prepare_outgoing_request({ request }) {
    const words = request.data.text.trim().split(/\s+/);
    const name = words[1];
    if (!name || name === 'help') {
      return { message: { text: 'Tell me a package: `npm lodash`' } };
    }
    if (!/^(@[\w.-]+\/)?[\w.-]+$/.test(name)) {
      return { message: { text: 'That is no name of a package.' } };
    }
    return {
      url: `${request.url}/${name.replace('/', '%2f')}/latest`,
      method: 'GET',
      headers: { Accept: 'application/json' },
      package_name: name, // comes back below
    };
  }

  // Makes a message from what the registry answered.
  process_outgoing_response({ request, response }) {
    if (response.status_code === 404) {
      return { content: { text: `There is no package \`${request.package_name}\`.` } };
    }
    if (response.status_code !== 200) {
      return { content: { text: `The registry answered ${response.status_code}; try again later.` } };
    }
    const found = response.content;
    return {
      content: {
        alias: 'npm',
        attachments: [{
          color: '#cb3837',
          title: `${found.name} ${found.version}`,
          title_link: `https://www.npmjs.com/package/${found.name}`,
          text: found.description,
          fields: [['Licence', found.license], ['Home', found.homepage]]
            .filter(([, value]) => typeof value === 'string')
            .map(([title, value]) => ({ title, value, short: true })),
        }],
      },
    };
  }
}

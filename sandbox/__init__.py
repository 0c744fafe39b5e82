"""The practice internet: DNS, mailbox providers and readers that live on loopback addresses.

It imports no application and no framework and sees no database: what it knows arrived by socket.
`python -m sandbox` starts it; docs/sandbox.md lists its domains, mailboxes and replies.
"""

"""Certificates of completion (수료증): one person proposes, another approves, anybody can check.

The approval is the decision: number, code and everything printed are fixed in its transaction. The document
follows from the row (`jobs`). Until its bytes are stored the certificate is "issuing": neither its holder's
page nor `/v/<code>` calls it valid, since there is nothing yet to compare a paper with.
"""

"""A small Binhai: seeded companies and residents, three agencies with real servers, planted defects and the truth.

Every value is a pure function of the seed and an index, so any part can be made alone and nothing is held whole. All
names are put together at random; identifiers are computed here by their standards' rules, on purpose without the hub's
own code: a mistake there must not hide itself. Nothing but the command and the tests imports this package.
"""

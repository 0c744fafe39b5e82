"""The practice organisation that a first start makes: a coffee roaster with about 1,200 readers."""

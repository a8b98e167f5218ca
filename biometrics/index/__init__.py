"""One person's fingers against millions: neighbour-pair keys in an inverted index, on disk, in shards."""

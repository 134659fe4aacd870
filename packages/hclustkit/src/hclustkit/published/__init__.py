"""A published partition beside a table: pair by pair, and beside partitions by chance.

pair_table(published, partitions), companions(published, partitions)
every_partition(published, {"mine": partitions}, neighbours=edges)
spectral_surrogates(tables, published, edges, k=8)
"""

"""Words that stand for a currency inside an amount, as registers write them (丹麦克郎 included)."""

from exchange.core.codes import code_list

WORDS = code_list("currency").words
"""Chinese name, ISO letters or another word → ISO 4217 number."""

"""A simulated receipt printer."""

from .printer import ReceiptPrinterSim

__all__ = ["ReceiptPrinterSim"]

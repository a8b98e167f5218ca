"""A simulated receipt printer."""

from hardware_sim.receipt_printer.printer import ReceiptPrinterSim

__all__ = ["ReceiptPrinterSim"]

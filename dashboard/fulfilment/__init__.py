"""Place an order, confirm a payment, cancel: the one place that joins the features before it."""

"""How is the product put together: settings, addresses, schedule, start-up?"""

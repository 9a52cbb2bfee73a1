# ruff: noqa: E501
"""A web shop's database, of the shape of Solidus's, and what it is asked."""

from applications.schema import Application

WEB_SHOP = Application(
    name="Solidus",
    text="""
schema_migrations 400: version:text, applied_at:time, batch:int(40) | unique (version)
ar_internal_metadata 2: setting:text, value:word(2), created_at:time, updated_at:time | unique (setting)
friendly_id_slugs 5000: slug:text, sluggable_id>spree_products, sluggable_type:word(2), scope:text(20)?, deleted_at:time?, created_at:time | (slug, sluggable_type), (sluggable_id), (deleted_at)
active_storage_blobs 16000: key:text, filename:text(9000), content_type:word(4), byte_size:int(400000), checksum:text, metadata:json, service_name:word(2), created_at:time | unique (key)
active_storage_attachments 16000: name:word(2), record_type:word(3), record_id>spree_assets, blob_id>active_storage_blobs, created_at:time | (blob_id), (record_type, record_id, name)
active_storage_variant_records 8000: blob_id>active_storage_blobs, variation_digest:text(6), created_at:time | (blob_id, variation_digest)
spree_stores 3: name:text, url:text, code:text, mail_from_address:text, default_currency:word(2), cart_tax_country_iso:word(3), created_at:time | (code)
spree_users 25000: email:text, encrypted_password:text, spree_api_key:text(500)?, login:text, ship_address_id>spree_addresses?, sign_in_count:int(60), current_sign_in_at:time, deleted_at:time?, reset_password_token:text?, created_at:time | unique (email), (deleted_at), (spree_api_key), (reset_password_token)
spree_roles 5: name:text, created_at:time, updated_at:time | unique (name)
spree_roles_users 600: role_id>spree_roles, user_id>spree_users, created_at:time, updated_at:time | (role_id), (user_id)
spree_user_addresses 30000: user_id>spree_users, address_id>spree_addresses, is_primary:bool, archived:bool, default_billing:bool, created_at:time | (address_id), (user_id)
spree_user_stock_locations 40: user_id>spree_users, stock_location_id>spree_stock_locations, created_at:time, updated_at:time | (user_id)
spree_addresses 60000: name:text(40000), address1:text, city:text(3000), zipcode:text(8000), phone:text(45000), company:text(900)?, state_id>spree_states, country_id>spree_countries, created_at:time, updated_at:time | (name), (country_id), (state_id)
spree_countries 240: iso_name:text, iso:text, iso3:text, name:text, numcode:int(900), states_required:bool, updated_at:time | (iso)
spree_states 1800: name:text, abbr:text(600), country_id>spree_countries, created_at:time, updated_at:time | (country_id)
spree_zones 20: name:text, description:text(10), zone_members_count:int(60), created_at:time, updated_at:time
spree_zone_members 700: zoneable_type:word(2), zoneable_id>spree_countries, zone_id>spree_zones, created_at:time | (zone_id), (zoneable_id, zoneable_type)
spree_tax_categories 8: name:text, description:text, is_default:bool, tax_code:text, deleted_at:time?, created_at:time
spree_tax_rates 40: amount:num, zone_id>spree_zones, included_in_price:bool, name:text(12), show_rate_in_label:bool, starts_at:time, expires_at:time?, deleted_at:time? | (deleted_at), (zone_id)
spree_tax_rate_tax_categories 80: tax_category_id>spree_tax_categories, tax_rate_id>spree_tax_rates, created_at:time | (tax_category_id), (tax_rate_id)
spree_calculators 600: type:word(8), calculable_type:word(4), calculable_id>spree_promotion_actions, preferences:json, created_at:time, updated_at:time | (calculable_id, calculable_type), (id, type)
spree_preferences 80: value:text(40), key:text, created_at:time, updated_at:time | unique (key)
spree_orders 60000: number:text, state:word(8), email:text(28000), user_id>spree_users, bill_address_id>spree_addresses, total:num, payment_state:word(5), shipment_state:word(5), completed_at:time, created_at:time | unique (number), (user_id), (bill_address_id), (completed_at)
spree_order_mutexes 30: order_id>spree_orders, created_at:time, locked_by:text | (order_id)
spree_line_items 150000: variant_id>spree_variants, order_id>spree_orders, quantity:int(6), price:num, cost_price:num?, tax_category_id>spree_tax_categories, adjustment_total:num, additional_tax_total:num, created_at:time, updated_at:time | (order_id), (variant_id)
spree_line_item_actions 6000: line_item_id>spree_line_items, action_id>spree_promotion_actions, quantity:int(4), created_at:time | (action_id), (line_item_id)
spree_adjustments 200000: source_type:word(4), source_id>spree_promotion_actions, adjustable_type:word(3), adjustable_id>spree_line_items, order_id>spree_orders, amount:num, label:text(800), eligible:bool, promotion_code_id>spree_promotion_codes?, created_at:time | (adjustable_id, adjustable_type), (order_id), (source_id, source_type), (eligible), (promotion_code_id)
spree_adjustment_reasons 12: name:text, code:text, active:bool, created_at:time | (active), (code)
spree_products 5000: name:text, slug:text, description:text, available_on:time, discontinue_on:time?, deleted_at:time?, tax_category_id>spree_tax_categories, shipping_category_id>spree_shipping_categories, promotionable:bool, updated_at:time | unique (slug), (name), (available_on), (deleted_at)
spree_variants 14000: sku:text, product_id>spree_products, is_master:bool, position:int(12), cost_price:num, weight:num, track_inventory:bool, tax_category_id>spree_tax_categories?, deleted_at:time?, updated_at:time | (product_id), (sku), (position), (tax_category_id), (track_inventory)
spree_prices 30000: variant_id>spree_variants, amount:num, currency:word(3), country_iso:word(6)?, deleted_at:time?, created_at:time, updated_at:time | (variant_id, currency), (country_iso)
spree_assets 16000: viewable_type:word(2), viewable_id>spree_variants, attachment_file_name:text(9000), attachment_width:int(2000), position:int(8), type:word(2), alt:text(400), created_at:time | (viewable_id), (viewable_type, type)
spree_option_types 30: name:text, presentation:text, position:int(30), created_at:time | (position)
spree_option_values 500: position:int(40), name:text, presentation:text(300), option_type_id>spree_option_types, created_at:time | (option_type_id), (position)
spree_option_values_variants 28000: variant_id>spree_variants, option_value_id>spree_option_values, created_at:time | (variant_id, option_value_id), (variant_id)
spree_option_type_prototypes 40: prototype_id>spree_prototypes, option_type_id>spree_option_types, created_at:time
spree_product_option_types 9000: position:int(4), product_id>spree_products, option_type_id>spree_option_types, created_at:time | (option_type_id), (product_id), (position)
spree_properties 60: name:text, presentation:text, created_at:time, updated_at:time
spree_property_prototypes 80: prototype_id>spree_prototypes, property_id>spree_properties, created_at:time
spree_product_properties 25000: value:text(3000), product_id>spree_products, property_id>spree_properties, position:int(12), created_at:time | (product_id), (position), (property_id)
spree_prototypes 12: name:text, created_at:time, updated_at:time
spree_prototype_taxons 30: taxon_id>spree_taxons, prototype_id>spree_prototypes, created_at:time | (prototype_id), (taxon_id)
spree_variant_property_rules 400: product_id>spree_products, apply_to_all:bool, created_at:time | (product_id)
spree_variant_property_rule_conditions 700: option_value_id>spree_option_values, variant_property_rule_id>spree_variant_property_rules, created_at:time | (variant_property_rule_id, option_value_id)
spree_variant_property_rule_values 900: value:text(200), position:int(10), property_id>spree_properties, variant_property_rule_id>spree_variant_property_rules | (property_id), (variant_property_rule_id)
spree_taxonomies 8: name:text, position:int(8), created_at:time | (position)
spree_taxons 600: parent_id>spree_taxons, position:int(20), name:text, permalink:text, taxonomy_id>spree_taxonomies, lft:int(1200), rgt:int(1200), depth:int(5), updated_at:time | (parent_id), (position), (taxonomy_id), (permalink), (lft), (rgt)
spree_products_taxons 18000: product_id>spree_products, taxon_id>spree_taxons, position:int(400), created_at:time | (product_id), (taxon_id), (position)
spree_stock_locations 12: name:text, code:text, city:text, state_id>spree_states, country_id>spree_countries, active:bool, backorderable_default:bool, propagate_all_variants:bool, position:int(12) | (country_id), (state_id)
spree_stock_items 40000: stock_location_id>spree_stock_locations, variant_id>spree_variants, count_on_hand:int(500), backorderable:bool, deleted_at:time?, created_at:time, updated_at:time | (stock_location_id), (stock_location_id, variant_id), (variant_id), (deleted_at)
spree_stock_movements 60000: stock_item_id>spree_stock_items, quantity:int(30), action:word(4), originator_type:word(3), originator_id>spree_shipments, created_at:time, updated_at:time | (stock_item_id)
spree_inventory_units 150000: state:word(5), variant_id>spree_variants, shipment_id>spree_shipments, line_item_id>spree_line_items, carton_id>spree_cartons?, pending:bool, created_at:time, updated_at:time | (variant_id), (shipment_id), (line_item_id), (carton_id)
spree_unit_cancels 600: inventory_unit_id>spree_inventory_units, reason:word(4), created_by:text(20), created_at:time | (inventory_unit_id)
spree_shipments 60000: number:text, order_id>spree_orders, stock_location_id>spree_stock_locations, tracking:text(50000), state:word(5), cost:num, shipped_at:time, created_at:time, updated_at:time | (number), (order_id), (stock_location_id)
spree_cartons 40000: number:text, external_number:text(30000)?, stock_location_id>spree_stock_locations, address_id>spree_addresses, shipping_method_id>spree_shipping_methods, tracking:text(38000), shipped_at:time, created_at:time | unique (number), (external_number), (stock_location_id)
spree_shipping_methods 20: name:text, code:text, available_to_all:bool, tracking_url:text, service_level:word(4), tax_category_id>spree_tax_categories, deleted_at:time?, updated_at:time | (tax_category_id)
spree_shipping_categories 6: name:text, created_at:time, updated_at:time
spree_shipping_method_categories 40: shipping_method_id>spree_shipping_methods, shipping_category_id>spree_shipping_categories, created_at:time | (shipping_category_id, shipping_method_id), (shipping_method_id)
spree_shipping_method_stock_locations 50: shipping_method_id>spree_shipping_methods, stock_location_id>spree_stock_locations, created_at:time | (shipping_method_id), (stock_location_id)
spree_shipping_method_zones 50: shipping_method_id>spree_shipping_methods, zone_id>spree_zones, created_at:time
spree_shipping_rates 60000: shipment_id>spree_shipments, shipping_method_id>spree_shipping_methods, selected:bool, cost:num, created_at:time, updated_at:time | (shipment_id, shipping_method_id)
spree_shipping_rate_taxes 20000: amount:num, tax_rate_id>spree_tax_rates, shipping_rate_id>spree_shipping_rates, created_at:time | (shipping_rate_id), (tax_rate_id)
spree_payment_methods 12: type:word(6), name:text, description:text, active:bool, auto_capture:bool, position:int(12), preferences:json, deleted_at:time? | (id, type)
spree_payments 60000: amount:num, order_id>spree_orders, source_type:word(3), source_id>spree_credit_cards, payment_method_id>spree_payment_methods, state:word(7), response_code:text(55000), number:text, created_at:time, updated_at:time | (order_id), (payment_method_id), (source_id, source_type)
spree_payment_capture_events 30000: amount:num, payment_id>spree_payments, created_at:time, updated_at:time | (payment_id)
spree_credit_cards 20000: month:int(12), year:int(12), cc_type:word(4), last_digits:text(9000), gateway_customer_profile_id:text(16000), user_id>spree_users, payment_method_id>spree_payment_methods, address_id>spree_addresses?, updated_at:time | (user_id), (payment_method_id)
spree_wallet_payment_sources 18000: user_id>spree_users, payment_source_type:word(2), payment_source_id>spree_credit_cards, is_main:bool, created_at:time | (user_id), (user_id, payment_source_id, payment_source_type)
spree_store_payment_methods 20: store_id>spree_stores, payment_method_id>spree_payment_methods, created_at:time | (payment_method_id), (store_id)
spree_store_shipping_methods 20: store_id>spree_stores, shipping_method_id>spree_shipping_methods, created_at:time | (shipping_method_id), (store_id)
spree_log_entries 60000: source_type:word(3), source_id>spree_payments, details:text, created_at:time, updated_at:time | (source_id, source_type)
spree_state_changes 200000: name:word(4), previous_state:word(8), next_state:word(8), stateful_type:word(3), stateful_id>spree_orders, user_id>spree_users, created_at:time, updated_at:time | (stateful_id, stateful_type), (user_id)
spree_promotions 400: name:text, description:text, path:text(300)?, advertise:bool, apply_automatically:bool, match_policy:word(2), promotion_category_id>spree_promotion_categories, starts_at:time, expires_at:time?, created_at:time | (advertise), (apply_automatically), (expires_at), (promotion_category_id), (starts_at)
spree_promotion_categories 10: name:text, code:text, created_at:time, updated_at:time
spree_promotion_codes 12000: promotion_id>spree_promotions, value:text, promotion_code_batch_id>spree_promotion_code_batches?, created_at:time, updated_at:time | unique (value), (promotion_id), (promotion_code_batch_id)
spree_promotion_code_batches 40: promotion_id>spree_promotions, base_code:text, number_of_codes:int(500), email:text(10), state:word(4), created_at:time | (promotion_id)
spree_promotion_rules 700: promotion_id>spree_promotions, type:word(9), code:text(30)?, preferences:json, created_at:time, updated_at:time | (promotion_id)
spree_promotion_rules_users 1500: user_id>spree_users, promotion_rule_id>spree_promotion_rules, created_at:time | (promotion_rule_id), (user_id)
spree_promotion_rules_stores 40: store_id>spree_stores, promotion_rule_id>spree_promotion_rules, created_at:time | (promotion_rule_id), (store_id)
spree_promotion_rule_taxons 300: taxon_id>spree_taxons, promotion_rule_id>spree_promotion_rules, created_at:time | (promotion_rule_id), (taxon_id)
spree_product_promotion_rules 2000: product_id>spree_products, promotion_rule_id>spree_promotion_rules, created_at:time | (product_id), (promotion_rule_id)
spree_promotion_actions 500: promotion_id>spree_promotions, position:int(4), type:word(5), deleted_at:time?, preferences:json | (deleted_at), (id, type), (promotion_id)
spree_promotion_action_line_items 60: promotion_action_id>spree_promotion_actions, variant_id>spree_variants, quantity:int(3) | (promotion_action_id), (variant_id)
spree_orders_promotions 20000: order_id>spree_orders, promotion_id>spree_promotions, promotion_code_id>spree_promotion_codes?, created_at:time | (order_id, promotion_id), (promotion_code_id)
spree_return_authorizations 2500: number:text, state:word(3), order_id>spree_orders, memo:text(900), stock_location_id>spree_stock_locations, return_reason_id>spree_return_reasons, created_at:time | (return_reason_id)
spree_return_reasons 12: name:text, active:bool, mutable:bool, created_at:time
spree_return_items 5000: return_authorization_id>spree_return_authorizations, inventory_unit_id>spree_inventory_units, customer_return_id>spree_customer_returns, reimbursement_id>spree_reimbursements, amount:num, reception_status:word(6), acceptance_status:word(4), return_reason_id>spree_return_reasons, resellable:bool, created_at:time | (customer_return_id)
spree_returns 1200: number:text, order_id>spree_orders, state:word(3), amount:num, created_at:time | (number)
spree_customer_returns 2000: number:text, stock_location_id>spree_stock_locations, created_at:time, updated_at:time
spree_reimbursements 2000: number:text, reimbursement_status:word(3), customer_return_id>spree_customer_returns, order_id>spree_orders, total:num, created_at:time | (customer_return_id), (order_id)
spree_reimbursement_types 5: name:text, active:bool, mutable:bool, type:word(4) | (type)
spree_reimbursement_credits 500: amount:num, reimbursement_id>spree_reimbursements, creditable_id>spree_store_credits, creditable_type:word(2)
spree_refunds 3000: payment_id>spree_payments, amount:num, transaction_id:text(2900), refund_reason_id>spree_refund_reasons, reimbursement_id>spree_reimbursements?, created_at:time, updated_at:time | (payment_id), (refund_reason_id), (reimbursement_id)
spree_refund_reasons 10: name:text, active:bool, mutable:bool, code:text, created_at:time
spree_store_credits 8000: user_id>spree_users, category_id>spree_store_credit_categories, created_by_id>spree_users, amount:num, amount_used:num, currency:word(3), type_id>spree_store_credit_types, memo:text(600), deleted_at:time?, created_at:time | (user_id), (type_id), (deleted_at)
spree_store_credit_categories 6: name:text, created_at:time, updated_at:time
spree_store_credit_types 3: name:text, priority:int(3), created_at:time | (priority)
spree_store_credit_events 24000: store_credit_id>spree_store_credits, action:word(6), amount:num, user_total_amount:num, authorization_code:text(20000), originator_type:word(3), originator_id>spree_payments, deleted_at:time?, created_at:time | (store_credit_id), (deleted_at)
spree_store_credit_reasons 10: name:text, active:bool, created_at:time
""",
    statements=(
        """SELECT "spree_orders".* FROM "spree_orders" WHERE "spree_orders"."number" =
        '80a52d638cea7f87637c17eae78d955e' LIMIT 1""",
        """SELECT "spree_line_items".* FROM "spree_line_items" WHERE "spree_line_items"."order_id" = 4211
        ORDER BY "spree_line_items"."created_at" ASC, "spree_line_items"."id" ASC""",
        """SELECT "spree_products".* FROM "spree_products" WHERE "spree_products"."deleted_at" IS NULL AND
        "spree_products"."slug" = '5d43fd68b1d4de5222eac10d80138a5e' LIMIT 1""",
        """SELECT "spree_orders".* FROM "spree_orders" WHERE "spree_orders"."email" = 'a7a43c9707e387e5285868fff9403c88'
        AND "spree_orders"."completed_at" IS NOT NULL ORDER BY "spree_orders"."completed_at" DESC LIMIT 20""",
        """SELECT "spree_orders".* FROM "spree_orders" WHERE "spree_orders"."payment_state" = 'payment_state-3' AND
        "spree_orders"."shipment_state" = 'shipment_state-4' ORDER BY "spree_orders"."total" DESC LIMIT 15 OFFSET 0""",
        """SELECT COUNT(*) FROM "spree_orders" WHERE "spree_orders"."state" = 'state-6' AND "spree_orders"."created_at"
        BETWEEN '2025-05-01 00:00:00' AND '2025-05-31 23:59:59.999999'""",
        """SELECT "spree_adjustments".* FROM "spree_adjustments" WHERE "spree_adjustments"."order_id" = 12345 AND
        "spree_adjustments"."source_type" = 'source_type-0' AND "spree_adjustments"."adjustable_type" =
        'adjustable_type-0' ORDER BY "spree_adjustments"."created_at" ASC""",
        """SELECT COUNT(DISTINCT "spree_orders"."id") FROM "spree_orders"
        INNER JOIN "spree_adjustments" ON "spree_adjustments"."order_id" = "spree_orders"."id"
        INNER JOIN "spree_promotion_actions" ON "spree_promotion_actions"."id" = "spree_adjustments"."source_id"
        WHERE "spree_adjustments"."source_type" = 'source_type-1' AND "spree_adjustments"."eligible" = TRUE AND
        "spree_promotion_actions"."promotion_id" = 37 AND "spree_orders"."state" NOT IN ('state-1', 'state-7')""",
        """SELECT "spree_inventory_units".* FROM "spree_inventory_units"
        INNER JOIN "spree_shipments" ON "spree_shipments"."id" = "spree_inventory_units"."shipment_id"
        INNER JOIN "spree_orders" ON "spree_orders"."id" = "spree_shipments"."order_id"
        WHERE "spree_inventory_units"."state" = 'state-4' AND "spree_inventory_units"."pending" = FALSE AND
        "spree_shipments"."stock_location_id" = 9 AND "spree_orders"."completed_at" >= '2025-09-01 00:00:00'
        ORDER BY "spree_orders"."completed_at" ASC LIMIT 50""",
        """SELECT SUM("spree_stock_items"."count_on_hand") FROM "spree_stock_items"
        INNER JOIN "spree_stock_locations" ON "spree_stock_locations"."id" = "spree_stock_items"."stock_location_id"
        WHERE "spree_stock_items"."deleted_at" IS NULL AND "spree_stock_items"."variant_id" = 812 AND
        "spree_stock_locations"."active" = FALSE""",
        """SELECT DISTINCT "spree_products".* FROM "spree_products" INNER JOIN "spree_products_taxons" ON
        "spree_products_taxons"."product_id" = "spree_products"."id"
        INNER JOIN "spree_variants" ON "spree_variants"."product_id" = "spree_products"."id" AND
        "spree_variants"."deleted_at" IS NULL INNER JOIN "spree_prices" ON "spree_prices"."variant_id" =
        "spree_variants"."id" WHERE "spree_products"."deleted_at" IS NULL AND "spree_products_taxons"."taxon_id" IN
        (41, 42, 57, 90) AND "spree_prices"."currency" = 'currency-0' AND "spree_prices"."amount" BETWEEN 20.0 AND
        45.0 ORDER BY "spree_products"."name" ASC LIMIT 24""",
        """SELECT "spree_products".* FROM "spree_products" WHERE "spree_products"."deleted_at" IS NULL AND
        "spree_products"."available_on" <= '2025-11-30 12:00:00' AND "spree_products"."name" LIKE '%5d1b%'
        ORDER BY "spree_products"."updated_at" DESC LIMIT 10""",
        """SELECT "spree_products".* FROM "spree_products" WHERE "spree_products"."id" IN (SELECT
        "spree_product_properties"."product_id" FROM "spree_product_properties"
        INNER JOIN "spree_properties" ON "spree_properties"."id" = "spree_product_properties"."property_id"
        WHERE "spree_properties"."name" = 'f505e0a965c8e721eef7e111c66e5c29' AND "spree_product_properties"."value" =
        'cad31200d39518e91cff903378295099') ORDER BY "spree_products"."id" ASC""",
        """SELECT "spree_variants".* FROM "spree_variants" INNER JOIN "spree_option_values_variants" ON
        "spree_option_values_variants"."variant_id" = "spree_variants"."id"
        INNER JOIN "spree_option_values" ON "spree_option_values"."id" =
        "spree_option_values_variants"."option_value_id" WHERE "spree_variants"."deleted_at" IS NULL AND
        "spree_option_values"."name" = 'a53ffe96768cfd253a956c72ae040af4' AND "spree_option_values"."option_type_id"
        BETWEEN 1 AND 30 ORDER BY "spree_variants"."position" ASC, "spree_variants"."id" ASC""",
        """SELECT "spree_state_changes".* FROM "spree_state_changes" WHERE "spree_state_changes"."name" = 'name-3' AND
        "spree_state_changes"."next_state" = 'next_state-7' AND "spree_state_changes"."created_at" >= '2025-12-01
        00:00:00' ORDER BY "spree_state_changes"."created_at" DESC LIMIT 50""",
        """SELECT "spree_users".* FROM "spree_users" WHERE "spree_users"."deleted_at" IS NULL AND
        "spree_users"."created_at" >= '2025-12-15 00:00:00' AND NOT EXISTS (SELECT 1 FROM "spree_orders"
        WHERE "spree_orders"."user_id" = "spree_users"."id" AND "spree_orders"."state" = 'state-0')
        ORDER BY "spree_users"."current_sign_in_at" DESC LIMIT 25""",
        """SELECT 1 AS one FROM "spree_orders" INNER JOIN "spree_orders_promotions" ON
        "spree_orders_promotions"."order_id" = "spree_orders"."id" WHERE "spree_orders_promotions"."promotion_id" =
        118 AND "spree_orders"."user_id" = 905 AND "spree_orders"."completed_at" IS NOT NULL LIMIT 1""",
        """SELECT "spree_payments"."payment_method_id", COUNT(*) AS count_all, SUM("spree_payments"."amount") AS
        sum_amount FROM "spree_payments" INNER JOIN "spree_orders" ON "spree_orders"."id" =
        "spree_payments"."order_id" WHERE "spree_payments"."state" = 'state-2' AND "spree_payments"."created_at" >=
        '2025-10-01 00:00:00' AND "spree_payments"."created_at" < '2025-10-08 00:00:00'
        GROUP BY "spree_payments"."payment_method_id" ORDER BY count_all DESC""",
        """SELECT "spree_payments".* FROM "spree_payments" WHERE "spree_payments"."response_code" =
        '79b741b19f7ea628646c79bd15426bb9' ORDER BY "spree_payments"."id" ASC LIMIT 1""",
        """SELECT DISTINCT "spree_orders"."id", "spree_orders"."number", "spree_orders"."completed_at" FROM
        "spree_orders" INNER JOIN "spree_addresses" ON "spree_addresses"."id" = "spree_orders"."bill_address_id"
        LEFT OUTER JOIN "spree_shipments" ON "spree_shipments"."order_id" = "spree_orders"."id"
        WHERE "spree_addresses"."zipcode" = '94fb35a684e0b6493f2c49329bb500f3' AND "spree_addresses"."name" LIKE '1%'
        ORDER BY "spree_orders"."completed_at" DESC LIMIT 15""",
        """SELECT "spree_shipments".* FROM "spree_shipments" WHERE "spree_shipments"."tracking" =
        '1dab8d9ae63d3e4ebbd0416e4142f534' LIMIT 1""",
        """SELECT "spree_products"."id", "spree_products"."name", SUM("spree_line_items"."quantity") AS sold FROM
        "spree_products" INNER JOIN "spree_variants" ON "spree_variants"."product_id" = "spree_products"."id"
        INNER JOIN "spree_line_items" ON "spree_line_items"."variant_id" = "spree_variants"."id"
        INNER JOIN "spree_orders" ON "spree_orders"."id" = "spree_line_items"."order_id"
        INNER JOIN "spree_products_taxons" ON "spree_products_taxons"."product_id" = "spree_products"."id"
        WHERE "spree_products_taxons"."taxon_id" = 14 AND "spree_orders"."completed_at" BETWEEN '2025-06-01 00:00:00'
        AND '2025-06-30 23:59:59.999999' GROUP BY "spree_products"."id", "spree_products"."name"
        ORDER BY sold DESC LIMIT 10""",
        """SELECT "spree_stock_movements".* FROM "spree_stock_movements"
        INNER JOIN "spree_stock_items" ON "spree_stock_items"."id" = "spree_stock_movements"."stock_item_id"
        WHERE "spree_stock_movements"."originator_type" = 'originator_type-1' AND
        "spree_stock_movements"."originator_id" = 12 ORDER BY "spree_stock_movements"."created_at" DESC""",
        """SELECT "spree_return_reasons"."name", COUNT(*) AS count_all, SUM("spree_return_items"."amount") AS sum_amount
        FROM "spree_return_items" INNER JOIN "spree_return_reasons" ON "spree_return_reasons"."id" =
        "spree_return_items"."return_reason_id" INNER JOIN "spree_inventory_units" ON "spree_inventory_units"."id" =
        "spree_return_items"."inventory_unit_id" INNER JOIN "spree_variants" ON "spree_variants"."id" =
        "spree_inventory_units"."variant_id" WHERE "spree_variants"."product_id" = 2 AND
        "spree_return_items"."acceptance_status" = 'acceptance_status-0'
        GROUP BY "spree_return_reasons"."name" ORDER BY count_all DESC""",
        """UPDATE "spree_credit_cards" SET "updated_at" = '2025-12-31 12:00:00'
        WHERE "spree_credit_cards"."gateway_customer_profile_id" = '463c1771bbaacb4d6c1da8d7739a0d24'""",
    ),
)
